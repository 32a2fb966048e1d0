"""The material of a book as pieces to choose from, and what was chosen as variables of a prompt."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from scrivano.books.dto import BookOutline, Brief
from scrivano.books.stages import ChapterOrder, StoryMemory
from scrivano.packs.public import ChapterSample
from scrivano.prompts.context.public import (
    Candidate,
    CandidateKind,
    CastMember,
    CastRole,
    Part,
    Scene,
    packaged,
)
from scrivano.references.public import Passage, Reference, ReferenceKind, split_passages

_KINDS: dict[ReferenceKind, CandidateKind] = {
    "character": "character",
    "style guide": "style",
    "world-building": "world",
    "timeline": "timeline",
    "research": "research",
    "glossary": "glossary",
    "other": "other",
}
# A file whose kind nobody gave is taken for what its name says.
_BY_NAME: tuple[tuple[re.Pattern[str], CandidateKind], ...] = (
    (re.compile(r"character|people|cast\b", re.I), "character"),
    (re.compile(r"style|voice", re.I), "style"),
    (re.compile(r"world|setting|places?\b|magic", re.I), "world"),
    (re.compile(r"timeline|chronolog|calendar", re.I), "timeline"),
    (re.compile(r"glossar|terms\b", re.I), "glossary"),
)
_FROM = re.compile(r"\(\s*from chapter (\d{1,4})\s*\)", re.I)
# What the author put into the brief itself goes in wherever there is room; the rest has to earn its place.
_IN_BRIEF, _IN_OUTLINE, _FACT, _SAMPLE = 0.5, 0.3, 0.4, 0.5
_ALIASES = re.compile(
    r"^[\s*_-]*(?:alias(?:es)?|also (?:known as|called)|nick ?names?|other names?)[\s*_]*:[\s*_]*(.+)$",
    re.I | re.M,
)
_KNOWN_AS = re.compile(r"\b(?:also|better) known as ((?:the )?[\w’'-]+(?: [A-Z][\w’'-]+){0,2})", re.I)
_PARTS = re.compile(r"[,;/]| or | and ")
_ROLE = re.compile(r"^[\s*_-]*role[\s*_]*:[\s*_]*(.+)$", re.I | re.M)
_LEAD = re.compile(r"protagonist|hero|heroine|main|narrator|lead", re.I)
_FOE = re.compile(r"antagonist|villain|adversary", re.I)


@dataclass(frozen=True)
class Pieces:
    """The pieces of one chapter with where each belongs."""

    order: ChapterOrder
    candidates: list[Candidate]
    cast: list[CastMember]
    titles: dict[str, str] = field(default_factory=dict[str, str])
    passages: dict[str, tuple[UUID, int]] = field(default_factory=dict[str, tuple[UUID, int]])
    """By the id of a piece the uploaded reference and the number of the passage that it is."""

    def variables(self, parts: Sequence[Part]) -> dict[str, object]:
        """The prompt's variables with these parts and no other material."""
        outline, brief = self.order.outline, self.order.plan.brief
        shown = {part.id: part.text for part in parts}
        return {
            "characters": _characters(brief, shown),
            "world": _world(brief, shown),
            "outline": [
                {
                    "title": c.title,
                    "summary": c.summary
                    if c.number == self.order.number
                    else shown.get(f"chapter {c.number}", ""),
                }
                for c in outline.chapters
            ],
            "memory": [m for memory in self.order.memory if (m := _memory(memory, shown))],
            "passages": [
                {"source": self.titles[part.id], "text": part.text}
                for part in parts
                if part.id.startswith("reference ")
            ],
            "samples": [
                {"title": self.titles[part.id], "text": part.text}
                for part in parts
                if part.id.startswith("sample ")
            ],
        }


def gather(
    order: ChapterOrder, references: Sequence[Reference], samples: Sequence[tuple[ChapterSample, str]]
) -> Pieces:
    """Everything that the writer of the chapter could be shown; of samples what is to be shown of each."""
    brief = order.plan.brief
    titles: dict[str, str] = {}
    numbered: dict[str, tuple[UUID, int]] = {}
    cast = [CastMember(name=c.name, role=_role(c.role)) for c in brief.characters]
    found = [*_of_brief(brief), *_of_outline(order.outline, fiction=brief.kind == "fiction")]
    for memory in order.memory:
        found += _of_memory(memory)
    for reference in references:
        split = [p for p in split_passages(reference) if p.text.strip()]
        passages = _of_reference(reference, split)
        if reference.id is not None:
            numbered |= {f"reference {p.id}": (reference.id, p.number) for p in split}
        titles |= dict.fromkeys((p.id for p in passages), reference.title or reference.name)
        found += passages
        if passages and passages[0].kind == "character":
            cast = _named_in(passages, cast)
    for sample, text in samples:
        id_ = f"sample {sample.id}"
        titles[id_] = sample.title
        found.append(
            Candidate(id=id_, kind="sample", text=text, source="samples of the niche", prior=_SAMPLE)
        )
    return Pieces(order, found, cast, titles, numbered)


def scene_of(order: ChapterOrder) -> Scene:
    """The chapter as the ranking sees it."""
    chapter = order.outline.chapters[order.number - 1]
    return Scene(
        number=order.number,
        title=chapter.title,
        summary=chapter.summary,
        points=tuple(chapter.points),
        needs=tuple(d for d in chapter.depends_on if d >= 1),
        genre=genre_of(order.plan.brief),
    )


def genre_of(brief: Brief) -> str:
    """The genre that the brief names in so many words, else its kind."""
    told = " ".join(filter(None, [brief.tone, brief.subject, brief.notes, brief.premise])).lower()
    for genre in sorted(packaged().genres, key=len, reverse=True):
        if genre not in {"general", "fiction", "non-fiction"} and re.search(rf"\b{re.escape(genre)}\b", told):
            return genre
    return brief.kind


def _of_brief(brief: Brief) -> list[Candidate]:
    found: list[Candidate] = []

    def add(id_: str, kind: CandidateKind, text: str, *headings: str) -> None:
        if text:
            found.append(
                Candidate(
                    id=id_, kind=kind, text=text, source="the brief", headings=headings, prior=_IN_BRIEF
                )
            )

    for n, person in enumerate(brief.characters, 1):
        add(f"character {n}", "character", person.description, person.name)
        for k, fact in enumerate(person.facts, 1):
            add(f"character {n} fact {k}", "character", fact, person.name)
    if brief.world is not None:
        add("setting", "world", brief.world.setting)
        for k, rule in enumerate(brief.world.rules, 1):
            add(f"rule {k}", "world", rule)
        for k, event in enumerate(brief.world.timeline, 1):
            add(f"event {k}", "timeline", event)
    return found


def _of_outline(outline: BookOutline, *, fiction: bool) -> list[Candidate]:
    """What other chapters are for. A novel's later ones are not told: their titles alone are shown."""
    return [
        Candidate(
            id=f"chapter {c.number}",
            kind="outline",
            text=c.summary,
            source="the outline",
            headings=(c.title,),
            chapter=c.number,
            from_chapter=c.number if fiction else 1,
            prior=_IN_OUTLINE,
        )
        for c in outline.chapters
        if c.summary
    ]


def _of_memory(memory: StoryMemory) -> list[Candidate]:
    source = f"chapter {memory.number}"
    found = [
        Candidate(
            id=f"memory {memory.number}",
            kind="memory",
            text=memory.summary,
            source=source,
            chapter=memory.number,
            required=True,
        )
    ]
    return found + [
        Candidate(
            id=f"memory {memory.number} fact {k}",
            kind="memory",
            text=fact,
            source=source,
            chapter=memory.number,
            prior=_FACT,
        )
        for k, fact in enumerate(memory.facts, 1)
        if fact.strip()
    ]


def _of_reference(reference: Reference, passages: Sequence[Passage]) -> list[Candidate]:
    kind: CandidateKind = _KINDS[reference.kind]
    if reference.kind == "other":
        by_name: list[CandidateKind] = [k for pattern, k in _BY_NAME if pattern.search(reference.name)]
        kind = by_name[0] if by_name else "research"
    return [
        Candidate(
            id=f"reference {passage.id}",
            kind=kind,
            text=passage.text,
            source=reference.name,
            headings=(reference.title, *passage.headings) if reference.title else tuple(passage.headings),
            from_chapter=told_from(reference, passage),
        )
        for passage in passages
    ]


def told_from(reference: Reference, passage: Passage) -> int:
    """The chapter from which on a passage may be told: what was set for it or its reference, or what a heading such
    as `The heir (from chapter 17)` names; 1 without any."""
    named = max((int(m.group(1)) for heading in passage.headings if (m := _FROM.search(heading))), default=1)
    return max(1, passage.from_chapter or reference.from_chapter or 1, named)


def _named_in(passages: Sequence[Candidate], known: Sequence[CastMember]) -> list[CastMember]:
    """`known` and the people that a character sheet has a section for, or is about as a whole, with what else the
    sheet says they are called and the role that it gives them."""
    cast = {member.name.casefold(): member for member in known}
    for passage in passages:
        if not passage.headings:
            continue
        name = _FROM.sub("", passage.headings[min(1, len(passage.headings) - 1)]).strip()
        if not name or len(name.split()) > 4:
            continue
        found = cast.get(name.casefold(), CastMember(name=name, role=_role_in(passage.text)))
        aliases = dict.fromkeys([*found.aliases, *_aliases_in(passage.text)])
        cast[name.casefold()] = found.model_copy(update={"aliases": tuple(aliases)})
    return list(cast.values())


def _aliases_in(text: str) -> list[str]:
    """What a sheet says somebody is called besides: `Aliases: the Fox, Old Ren` or `also known as the Fox`."""
    told = [m.group(1) for m in _ALIASES.finditer(text)] + [m.group(1) for m in _KNOWN_AS.finditer(text)]
    names = (name.strip(" \"'“”‘’*_.") for line in told for name in _PARTS.split(line))
    return [name for name in names if name and len(name.split()) <= 4]


def _role_in(text: str) -> CastRole:
    told = _ROLE.search(text)
    return _role(told.group(1)) if told else "major"


def _role(told: str) -> CastRole:
    if _FOE.search(told):
        return "antagonist"
    return "protagonist" if _LEAD.search(told) else "major"


def _characters(brief: Brief, shown: Mapping[str, str]) -> list[dict[str, object]]:
    """Everybody by name and role; of their descriptions and facts what was chosen."""
    return [
        {
            "name": person.name,
            "role": person.role,
            "description": shown.get(f"character {n}", ""),
            "facts": [
                shown[id_]
                for k in range(1, len(person.facts) + 1)
                if (id_ := f"character {n} fact {k}") in shown
            ],
        }
        for n, person in enumerate(brief.characters, 1)
    ]


def _world(brief: Brief, shown: Mapping[str, str]) -> dict[str, object] | None:
    if brief.world is None:
        return None
    rules = [shown[i] for k in range(1, len(brief.world.rules) + 1) if (i := f"rule {k}") in shown]
    events = [shown[i] for k in range(1, len(brief.world.timeline) + 1) if (i := f"event {k}") in shown]
    return {"setting": shown.get("setting", ""), "rules": rules, "timeline": events}


def _memory(memory: StoryMemory, shown: Mapping[str, str]) -> dict[str, object] | None:
    summary = shown.get(f"memory {memory.number}")
    if summary is None:
        return None
    facts = [
        shown[id_]
        for k in range(1, len(memory.facts) + 1)
        if (id_ := f"memory {memory.number} fact {k}") in shown
    ]
    return {"number": memory.number, "summary": summary, "facts": "; ".join(facts)}
