"""The material of a book as pieces, and back as variables of a prompt."""

import datetime as dt
from uuid import UUID

import pytest

from scrivano.books.context.dto import ChapterContext, account_of
from scrivano.books.context.pieces import gather, genre_of, scene_of
from scrivano.books.dto import BookOutline, Brief, OutlineChapter
from scrivano.books.stages import ChapterOrder, Plan, StoryMemory
from scrivano.cli.context import say
from scrivano.llm.scripted.tokens import count
from scrivano.packs.public import ChapterSample
from scrivano.prompts.context.public import ContextIndex, choose
from scrivano.references.public import Reference


def order_of(number: int, *, kind: str = "fiction", memory: list[StoryMemory] | None = None) -> ChapterOrder:
    brief = Brief.model_validate(
        {
            "kind": kind,
            "subject": "a lamplighter",
            "tone": "dark fantasy",
            "characters": [
                {
                    "name": "Maren Oyle",
                    "role": "the heroine",
                    "description": "Tall.",
                    "facts": ["Cannot swim."],
                },
                {"name": "Lord Varrick", "role": "villain", "facts": ["Hates the sea.", "Wears pearls."]},
            ],
            "world": {
                "setting": "A harbour.",
                "rules": ["Salt burns true."],
                "timeline": ["The fire.", "The flood."],
            },
        }
    )
    chapters = [
        OutlineChapter(number=n, title=f"Part {n}", summary=f"Maren walks to lamp {n}.", words=300)
        for n in range(1, 4)
    ]
    plan = Plan(book_id=UUID(int=1), brief=brief, writer="model", day=dt.date(2026, 1, 1))
    return ChapterOrder(
        plan=plan, outline=BookOutline(title="T", chapters=chapters), number=number, memory=memory or []
    )


def reference(name: str, text: str, **more: object) -> Reference:
    fields = {
        "name": name,
        "title": "Notes",
        "media_type": "text/markdown",
        "sha256": "0",
        "words": 1,
        "text": text,
    }
    return Reference.model_validate({**fields, **more})


def everything(order: ChapterOrder, *references: Reference) -> dict[str, object]:
    pieces = gather(order, references, [])
    index = ContextIndex(pieces.candidates, pieces.cast, count=count)
    return pieces.variables(choose(index, scene_of(order), 8000).parts)


def test_where_there_is_room_the_whole_brief_is_shown() -> None:
    order = order_of(2)
    shown = everything(order)
    brief = order.plan.brief
    assert brief.world is not None
    assert shown["characters"] == [c.model_dump() for c in brief.characters]
    assert shown["world"] == brief.world.model_dump()


def test_without_room_people_keep_their_names_and_the_plan_its_titles() -> None:
    pieces = gather(order_of(2), [], [])
    shown = pieces.variables([])
    assert shown["characters"] == [
        {"name": "Maren Oyle", "role": "the heroine", "description": "", "facts": []},
        {"name": "Lord Varrick", "role": "villain", "description": "", "facts": []},
    ]
    assert [c["title"] for c in shown["outline"]] == ["Part 1", "Part 2", "Part 3"]  # type: ignore[attr-defined, union-attr]
    assert shown["world"] == {"setting": "", "rules": [], "timeline": []}


@pytest.mark.parametrize(("kind", "later"), [("fiction", ""), ("non-fiction", "Maren walks to lamp 3.")])
def test_a_novel_keeps_what_is_to_come_to_itself(kind: str, later: str) -> None:
    outline = everything(order_of(2, kind=kind))["outline"]
    assert [c["summary"] for c in outline] == ["Maren walks to lamp 1.", "Maren walks to lamp 2.", later]  # type: ignore[attr-defined, union-attr]


def test_memory_of_what_the_chapter_builds_on_is_required() -> None:
    memory = StoryMemory(number=1, summary="The lamp went out.", facts=["The step creaks.", " "])
    pieces = gather(order_of(2, memory=[memory]), [], [])
    required = [c.id for c in pieces.candidates if c.required]
    assert required == ["memory 1"]
    assert everything(order_of(2, memory=[memory]))["memory"] == [
        {"number": 1, "summary": "The lamp went out.", "facts": "The step creaks."}
    ]


def test_references_say_from_which_chapter_they_may_be_told() -> None:
    text = "# Notes\n\n## Maren\n\nOne.\n\n## The heir (from chapter 7)\n\nTwo.\n"
    first, second = [
        c for c in gather(order_of(1), [reference("a.md", text)], []).candidates if c.text in {"One.", "Two."}
    ]
    assert (first.from_chapter, second.from_chapter) == (1, 7)
    (whole,) = [
        c
        for c in gather(order_of(1), [reference("b.md", "Three.", from_chapter=4)], []).candidates
        if c.text == "Three."
    ]
    assert whole.from_chapter == 4


@pytest.mark.parametrize(
    ("name", "given", "kind"),
    [
        ("characters/ada.md", "other", "character"),
        ("style-guide.md", "other", "style"),
        ("the world.md", "other", "world"),
        ("timeline.md", "other", "timeline"),
        ("interviews.md", "other", "research"),
        ("characters.md", "glossary", "glossary"),
    ],
)
def test_a_file_counts_as_its_kind_or_as_what_its_name_says(name: str, given: str, kind: str) -> None:
    pieces = gather(order_of(1), [reference(name, "Text.", kind=given)], [])
    assert [c.kind for c in pieces.candidates if c.text == "Text."] == [kind]


def test_roles_and_genre_are_read_from_the_brief() -> None:
    order = order_of(1)
    assert [m.role for m in gather(order, [], []).cast] == ["protagonist", "antagonist"]
    assert genre_of(order.plan.brief) == "fantasy"


def test_samples_are_shown_by_their_title() -> None:
    sample = ChapterSample.model_construct(id="s1", title="Good pages")
    pieces = gather(order_of(1), [], [(sample, "A page by a good writer.")])
    index = ContextIndex(pieces.candidates, pieces.cast, count=count)
    shown = pieces.variables(choose(index, scene_of(order_of(1)), 8000).parts)
    assert shown["samples"] == [{"title": "Good pages", "text": "A page by a good writer."}]


def test_the_account_can_be_read_by_a_person(capsys: pytest.CaptureFixture[str]) -> None:
    order = order_of(2)
    pieces = gather(order, [reference("notes.md", "Lamp 2 is red.", from_chapter=3)], [])
    selection = choose(ContextIndex(pieces.candidates, pieces.cast, count=count), scene_of(order), 60)
    account = ChapterContext.model_validate(
        {
            "run_id": "r",
            "chapter": 2,
            "prompt": "write_chapter",
            "request_key": "k",
            "model": "scripted",
            "counted_exactly": True,
            "budget": 60,
            "tokens": 50,
            "tokens_without": 10,
            **account_of(selection),
        }
    )
    say(account, left_out=5)
    told = capsys.readouterr().out
    assert "50 of 60 tokens (by the tokenizer of scripted)" in told
    assert "revealed later" in told and "Maren" not in told.split("Stayed out")[0].splitlines()[0]
    assert account == ChapterContext.model_validate_json(account.model_dump_json())


def test_a_character_sheet_names_aliases_and_roles_also_of_people_in_the_brief() -> None:
    sheet = (
        '# People\n\n## Maren Oyle\n\n- Aliases: the lamplighter, "Mari"\n\n## Ren Sauter\n\n'
        "Role: antagonist\n\nShe is also known as the Fox."
    )
    gathered = gather(order_of(1), [reference("people.md", sheet, title="People", kind="character")], [])
    cast = {member.name: member for member in gathered.cast}
    assert cast["Maren Oyle"].aliases == ("the lamplighter", "Mari")
    assert cast["Maren Oyle"].role == "protagonist"
    assert cast["Ren Sauter"].aliases == ("the Fox",)
    assert cast["Ren Sauter"].role == "antagonist"
