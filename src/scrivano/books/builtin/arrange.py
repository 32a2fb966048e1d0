"""Putting a chapter's units into the order of an argument, and writing them down with their sources."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from scrivano.books.builtin.draft import Chosen, Draft
from scrivano.books.builtin.likeness import STEPS, step_of
from scrivano.books.builtin.pieces import prose
from scrivano.books.builtin.ranking import plain
from scrivano.books.builtin.stock import Unit
from scrivano.books.dto import ComposedChapter, TracedBlock, TracedSentence
from scrivano.references.public import count_words, split_sentences

ASIDE = 0.8


@dataclass(frozen=True, slots=True)
class Opening:
    """A sentence or two from the outline that open a chapter, and where they stand there."""

    text: str
    source_id: str
    source_title: str
    passage_id: str

    @property
    def sentences(self) -> list[str]:
        return split_sentences(self.text)

    @property
    def words(self) -> int:
        return count_words(self.text)


def in_order(draft: Draft, points: Sequence[Sequence[float]]) -> list[Chosen]:
    """The draft's units as an argument: along the chapter's points, definitions first, mistakes late.

    Units of one source keep their own order, and parts of one section stay together.
    """
    intros = [c for c in draft.chosen if c.unit.intro and not c.unit.own]
    body = [c for c in draft.chosen if c not in intros]
    groups = _together(body)
    best = max((chosen.score for chosen in body), default=0.0)

    def place(group: Sequence[Chosen]) -> tuple[float, int]:
        # What hardly touches the chapter's points comes after what is its matter.
        aside = 1.0 - max(chosen.score for chosen in group) / best if best else 0.0
        return _position(group[0].unit, points) + ASIDE * aside, group[0].unit.number

    ranked = sorted(groups, key=place)
    slots: dict[str, list[list[Chosen]]] = {}
    for group in ranked:
        slots.setdefault(group[0].unit.source_id, []).append(group)
    for source in slots.values():
        source.sort(key=lambda group: group[0].unit.number, reverse=True)
    ordered = [slots[group[0].unit.source_id].pop() for group in ranked]
    return intros + [chosen for group in ordered for chosen in group]


def _together(body: Sequence[Chosen]) -> list[list[Chosen]]:
    """What stays together: all of one reference, else the parts and subsections of one section."""
    groups: list[list[Chosen]] = []
    for chosen in sorted(body, key=lambda c: c.unit.number):
        last = groups[-1][-1].unit if groups else None
        unit = chosen.unit
        # An author's notes lean on each other more than a pack's sections, which are made to stand alone.
        if (
            last is not None
            and last.source_id == unit.source_id
            and (unit.own or _belongs(unit, groups[-1][0].unit))
        ):
            groups[-1].append(chosen)
        else:
            groups.append([chosen])
    return groups


def _belongs(unit: Unit, head: Unit) -> bool:
    if unit.section == head.section:
        return True
    depth = len(head.headings)
    return depth > 0 and len(unit.headings) > depth and unit.headings[:depth] == head.headings


def _position(unit: Unit, points: Sequence[Sequence[float]]) -> float:
    step = step_of(unit.heading) / STEPS if unit.heading else 0.4
    scores = [point[unit.number] for point in points]
    if not scores or max(scores) <= 0 or len(scores) < 2:
        return step
    return 0.6 * scores.index(max(scores)) / (len(scores) - 1) + 0.4 * step


def write_down(
    draft: Draft, ordered: Sequence[Chosen], points: Sequence[Sequence[float]], opening: Opening | None
) -> ComposedChapter:
    """The chapter as Markdown with every block and sentence traced."""
    blocks: list[TracedBlock] = []
    sentences: list[TracedSentence] = []
    if opening is not None:
        source = (opening.source_id, opening.source_title, opening.passage_id)
        blocks.append(_block("paragraph", f"*{opening.text}*", *source))
        sentences += [_sentence(text, *source) for text in opening.sentences]
    headings = _headings(draft, ordered, points)
    for chosen, (level, heading) in zip(ordered, headings, strict=True):
        unit = chosen.unit
        if heading:
            first = chosen.pieces[0].passage_id
            blocks.append(
                _block("heading", f"{'#' * level} {heading}", unit.source_id, unit.source_title, first)
            )
        for piece in chosen.pieces:
            if blocks and blocks[-1].kind == "list" == piece.kind:
                # Markdown would make one list of the two.
                continue
            source = (unit.source_id, unit.source_title, piece.passage_id)
            blocks.append(_block(piece.kind, piece.markdown, *source))
            sentences += [_sentence(text, *source) for text in piece.sentences]
    markdown = "\n\n".join(block.markdown for block in blocks)
    return ComposedChapter(
        title=draft.plan.title,
        markdown=markdown,
        sentences=sentences,
        blocks=blocks,
        words=count_words(markdown),
    )


def _block(kind: str, markdown: str, source_id: str, source_title: str, passage_id: str) -> TracedBlock:
    return TracedBlock.model_validate(
        {
            "kind": kind,
            "markdown": markdown,
            "source_id": source_id,
            "source_title": source_title,
            "passage_id": passage_id,
        }
    )


def _sentence(text: str, source_id: str, source_title: str, passage_id: str) -> TracedSentence:
    return TracedSentence(text=text, source_id=source_id, source_title=source_title, passage_id=passage_id)


def _headings(
    draft: Draft, ordered: Sequence[Chosen], points: Sequence[Sequence[float]]
) -> Iterator[tuple[int, str]]:
    """Level and text of the heading above each unit; no text where it goes on under the last one."""
    title = plain(draft.plan.title)
    used = {title} | {plain(chosen.unit.heading) for chosen in ordered}
    before: Unit | None = None
    above: Unit | None = None
    for chosen in ordered:
        unit = chosen.unit
        first, continues = before is None, before is not None and before.section == unit.section
        before = unit
        heading = unit.heading or _instead(draft, unit, points, used)
        # Where the chapter opens with a section of its own name, the title does for both.
        if continues or (first and (not unit.heading or plain(heading) == title)):
            yield 2, ""
            continue
        under = above is not None and unit.section != above.section and _belongs(unit, above)
        if not under:
            above = unit
        used.add(plain(heading))
        yield 3 if under else 2, heading


def _instead(draft: Draft, unit: Unit, points: Sequence[Sequence[float]], used: set[str]) -> str:
    """A heading for text that has none: the chapter's point that it speaks to, else its source's title."""
    if not unit.intro:
        ranked = sorted(
            ((scores[unit.number], -number) for number, scores in enumerate(points)), reverse=True
        )
        for score, number in ranked:
            point = draft.plan.points[-number]
            if score >= 0.3 and len(point.split()) > 3 and plain(point) not in used:
                return point[:1].upper() + point[1:]
    return "" if not unit.own or plain(unit.source_title) in used else unit.source_title


def prose_of(chapter: ComposedChapter) -> str:
    """The chapter's running text on one line: what `sentences`, joined by spaces, are."""
    return " ".join(text for block in chapter.blocks if (text := prose(block.kind, block.markdown)))
