"""From what a model proposes to an outline that holds: numbered, complete, with lengths that add up."""

from collections.abc import Mapping

from pydantic import BaseModel, Field, ValidationError

from scrivano.books.dto import BookOutline, Brief, OutlineChapter
from scrivano.core.errors import InvalidInput

WORDS_A_CHAPTER = 1_800


class ProposedChapter(BaseModel):
    """A chapter as a model proposes it."""

    title: str = Field(description="The chapter's title, without a number.", min_length=1)
    summary: str = Field(description="One or two sentences: what the reader gets.")
    points: list[str] = Field(description="Three to six concrete points.", min_length=1, max_length=12)
    share: float = Field(default=1.0, gt=0, le=10, description="Length in proportion to the other chapters.")
    depends_on: list[int] = Field(
        default_factory=list[int],
        max_length=10,
        description="Numbers of earlier chapters whose events or results this one needs; usually none.",
    )


class ProposedOutline(BaseModel):
    """A book's plan as a model proposes it; the schema that its answer has to meet."""

    title: str = Field(min_length=1)
    subtitle: str = ""
    summary: str = ""
    chapters: list[ProposedChapter] = Field(min_length=1, max_length=60)


def chapters_asked(brief: Brief) -> int:
    """The number of chapters the brief asks for, or one that suits its length."""
    return brief.chapters or max(3, min(40, round(brief.words / WORDS_A_CHAPTER)))


def settle(proposal: ProposedOutline, brief: Brief) -> BookOutline:
    """An outline of as many chapters as asked, whose words add up to the brief's, from a proposal.

    Surplus chapters are folded into their neighbours' points; too few are kept as they are, longer, and a note
    says so. A chapter can only depend on earlier ones.
    """
    asked = chapters_asked(brief)
    chapters = _folded(proposal.chapters, asked)
    notes = (
        [f"The outline has {len(chapters)} chapters instead of {asked}; they are longer to make up for it."]
        if len(chapters) < asked
        else []
    )
    lengths = shares([c.share for c in chapters], brief.words)
    return BookOutline(
        title=brief.title or proposal.title.strip(),
        subtitle=brief.subtitle or proposal.subtitle.strip(),
        summary=proposal.summary.strip(),
        chapters=[
            OutlineChapter(
                number=number,
                title=chapter.title.strip(),
                summary=chapter.summary.strip(),
                points=_once(chapter.points),
                words=words,
                depends_on=sorted({d for d in chapter.depends_on if 1 <= d < number}),
            )
            for number, (chapter, words) in enumerate(zip(chapters, lengths, strict=True), start=1)
        ],
        notes=notes,
    )


def _once(points: list[str]) -> list[str]:
    """Each point once: small models say the same in other letters, and a chapter would tell it twice."""
    once: dict[str, str] = {}
    for point in points:
        once.setdefault(" ".join(point.casefold().split()).strip(" .:;,"), point.strip())
    return [point for words, point in once.items() if words]


def edited_outline(data: Mapping[str, object], brief: Brief) -> BookOutline:
    """An outline as a person edited it: numbered anew, its lengths brought to the brief's in their proportion.

    Raises InvalidInput with the field at fault.
    """
    try:
        outline = BookOutline.model_validate(data)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise InvalidInput(
            f"The edited outline does not fit: {first['msg']}.",
            field="outline." + ".".join(map(str, first["loc"])),
            remedy="Keep title and chapters; each chapter needs a title and may have summary, points and words.",
        ) from error
    if not outline.chapters:
        raise InvalidInput("The edited outline has no chapter.", field="outline.chapters", remedy="Keep one.")
    lengths = shares([float(c.words or WORDS_A_CHAPTER) for c in outline.chapters], brief.words)
    chapters = [
        chapter.model_copy(
            update={"number": n, "words": words, "depends_on": [d for d in chapter.depends_on if 1 <= d < n]}
        )
        for n, (chapter, words) in enumerate(zip(outline.chapters, lengths, strict=True), start=1)
    ]
    return outline.model_copy(update={"chapters": chapters})


def _folded(chapters: list[ProposedChapter], asked: int) -> list[ProposedChapter]:
    """At most `asked` chapters: the shortest neighbours are joined until it fits."""
    folded = list(chapters)
    while len(folded) > asked:
        at = min(range(len(folded) - 1), key=lambda i: folded[i].share + folded[i + 1].share)
        first, second = folded[at : at + 2]
        joined = first.model_copy(
            update={
                "points": [*first.points, second.title, *second.points][:12],
                "share": min(10.0, first.share + second.share),
                "depends_on": [],
            }
        )
        folded[at : at + 2] = [joined]
    return (
        folded if len(folded) == len(chapters) else [c.model_copy(update={"depends_on": []}) for c in folded]
    )


def shares(weights: list[float], total: int) -> list[int]:
    """Whole numbers in proportion to `weights` that add up to `total` (largest remainder method).

    No share is under half or over twice the even one, so that a careless weight cannot starve a chapter.
    """
    even = sum(weights) / len(weights)
    held = [min(max(w, even / 2), even * 2) for w in weights]
    exact = [total * w / sum(held) for w in held]
    floors = [int(e) for e in exact]
    by_remainder = sorted(range(len(exact)), key=lambda i: (floors[i] - exact[i], i))
    for i in by_remainder[: total - sum(floors)]:
        floors[i] += 1
    return floors


def urgencies(outline: BookOutline) -> dict[int, int]:
    """By chapter: the words on the longest chain of chapters that begins with it, each needing the one before.

    Where slots are scarce, what has the longest chain behind it goes first: list scheduling by critical path
    (Graham, "Bounds on Multiprocessing Timing Anomalies", SIAM J. Appl. Math. 17, 1969).
    """
    found: dict[int, int] = {}
    for chapter in reversed(outline.chapters):
        after = [
            found[c.number] for c in outline.chapters if chapter.number in c.depends_on and c.number in found
        ]
        found[chapter.number] = chapter.words + max(after, default=0)
    return found


def waves(outline: BookOutline) -> list[list[int]]:
    """Chapter numbers in groups that can be written at once: each depends on earlier groups alone."""
    level: dict[int, int] = {}
    for chapter in outline.chapters:
        level[chapter.number] = 1 + max((level[d] for d in chapter.depends_on if d in level), default=-1)
    return [
        [c.number for c in outline.chapters if level[c.number] == wave]
        for wave in range(max(level.values(), default=-1) + 1)
    ]
