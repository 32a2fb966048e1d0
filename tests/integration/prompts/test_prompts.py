"""Prompts in the database: starter files, versions, labels, pins."""

import asyncio
from pathlib import Path

import pytest

from scrivano.core.database import Database
from scrivano.prompts.public import (
    Author,
    PartContent,
    PromptChanged,
    PromptNotFound,
    Prompts,
    TemplateContent,
    UnknownVariable,
)
from scrivano.prompts.starter_files import StarterSet, read_starter

PART = "name: tone\nkind: style\ndescription: How it sounds.\ntags: [shared]\ntext: {text}\n"
TEMPLATE = """
name: greet
description: Says hello.
tags: [demo]
variables:
  name: {type: text, help: Whom.}
messages:
  - role: system
    content: [{part: tone}]
  - role: user
    content: "GREETING {{ name }}"
"""


def starter(folder: Path, *, tone: str = "Be kind.", greeting: str = "Hello") -> StarterSet:
    (folder / "parts").mkdir(exist_ok=True)
    (folder / "parts" / "tone.yaml").write_text(PART.format(text=tone))
    (folder / "greet.yaml").write_text(TEMPLATE.replace("GREETING", greeting))
    return read_starter(folder)


def content(text: str, *, part: str | None = "tone") -> TemplateContent:
    system = [{"role": "system", "content": [{"part": part}]}] if part else []
    return TemplateContent.model_validate(
        {"variables": {"name": {"type": "text"}}, "messages": [*system, {"role": "user", "content": text}]}
    )


@pytest.fixture
async def prompts(database: Database, tmp_path: Path) -> Prompts:
    prompts = Prompts(database)
    await prompts.load_starter(starter(tmp_path))
    return prompts


async def texts(prompts: Prompts, **by: str) -> list[str]:
    prompt = await prompts.render("greet", {"name": "Ada"}, **by)  # pyright: ignore[reportArgumentType]
    return [message.text for message in prompt.messages]


async def test_the_shipped_starter_loads_once_and_then_costs_nothing(database: Database) -> None:
    prompts = Prompts(database)
    first = await prompts.load_starter()
    assert "write_chapter" in first.new_versions
    assert (await prompts.load_starter()).unchanged
    assert {t.name for t in await prompts.list_templates(tag="book")} >= {"write_outline", "write_chapter"}
    pins = await prompts.pin(["write_outline", "llm_reask"])
    assert (await prompts.show_version(pins["llm_reask"])).name == "llm_reask"


async def test_processes_that_start_at_once_load_the_starter_once(database: Database, tmp_path: Path) -> None:
    files = starter(tmp_path)
    reports = await asyncio.gather(*(Prompts(database).load_starter(files) for _ in range(4)))
    assert sorted(report.unchanged for report in reports) == [False, True, True, True]
    assert len(await Prompts(database).versions("greet")) == 1


async def test_an_upgrade_moves_the_label_of_an_untouched_prompt(prompts: Prompts, tmp_path: Path) -> None:
    await prompts.load_starter(starter(tmp_path, greeting="Good morning"))
    assert await texts(prompts) == ["Be kind.", "Good morning Ada"]
    assert [v.number for v in await prompts.versions("greet")] == [2, 1]


async def test_an_upgrade_never_moves_the_label_of_an_edited_prompt(prompts: Prompts, tmp_path: Path) -> None:
    await prompts.edit("greet", content("Hi {{ name }}"), author=Author(id="u1"))
    report = await prompts.load_starter(starter(tmp_path, greeting="Good morning"))
    assert report.kept_edited == ("greet",)
    assert await texts(prompts) == ["Be kind.", "Hi Ada"]
    newest = (await prompts.versions("greet"))[0]
    assert (newest.number, newest.author.kind) == (3, "starter")
    assert (await prompts.show("greet", 3)).content.messages[1].content[0].text == "Good morning {{ name }}"


async def test_a_roll_back_to_an_older_starter_version_also_stays(prompts: Prompts, tmp_path: Path) -> None:
    await prompts.load_starter(starter(tmp_path, greeting="Good morning"))
    await prompts.set_label("greet", "production", 1)
    await prompts.load_starter(starter(tmp_path, greeting="Good evening"))
    assert await texts(prompts) == ["Be kind.", "Hello Ada"]


async def test_an_older_release_gets_its_own_starter_back_without_new_versions(
    prompts: Prompts, tmp_path: Path
) -> None:
    await prompts.load_starter(starter(tmp_path, greeting="Good morning"))
    report = await prompts.load_starter(starter(tmp_path))
    assert report.new_versions == ()
    assert await texts(prompts) == ["Be kind.", "Hello Ada"]


async def test_editing_a_part_makes_a_new_version_of_every_template_that_has_it(prompts: Prompts) -> None:
    pinned = (await prompts.pin(["greet"]))["greet"]
    edit = await prompts.edit_part("tone", PartContent(text="Be funny."))
    assert [(t.name, t.info.number) for t in edit.templates] == [("greet", 2)]
    assert edit.templates[0].info.note == "Takes up version 2 of tone."
    assert await texts(prompts) == ["Be funny.", "Hello Ada"]
    assert await texts(prompts, version_id=pinned) == ["Be kind.", "Hello Ada"]
    assert await prompts.used_by("tone") == ["greet"]


async def test_an_edited_part_keeps_its_label_and_new_templates_take_it_up(
    prompts: Prompts, tmp_path: Path
) -> None:
    await prompts.edit_part("tone", PartContent(text="Be funny."))
    (tmp_path / "wave.yaml").write_text(TEMPLATE.replace("greet", "wave").replace("GREETING", "Wave to"))
    await prompts.load_starter(starter(tmp_path, tone="Be formal."))
    assert await texts(prompts) == ["Be funny.", "Hello Ada"]
    waved = await prompts.render("wave", {"name": "Bob"})
    assert [m.text for m in waved.messages] == ["Be funny.", "Wave to Bob"]


async def test_a_part_that_would_break_a_template_is_not_saved(prompts: Prompts) -> None:
    with pytest.raises(UnknownVariable, match="`mood`"):
        await prompts.edit_part("tone", PartContent(text="Be {{ mood }}."))
    assert len(await prompts.part_versions("tone")) == 1
    assert await texts(prompts) == ["Be kind.", "Hello Ada"]


async def test_an_edit_from_an_outdated_version_is_refused(prompts: Prompts) -> None:
    await prompts.edit("greet", content("Hi {{ name }}"), expected=1)
    with pytest.raises(PromptChanged, match="version 2"):
        await prompts.edit("greet", content("Hey {{ name }}"), expected=1)


async def test_of_two_edits_at_once_one_wins(prompts: Prompts) -> None:
    edits = (prompts.edit("greet", content(f"{word} {{{{ name }}}}"), expected=1) for word in ("Hi", "Hey"))
    results = await asyncio.gather(*edits, return_exceptions=True)
    assert sorted(type(r).__name__ for r in results) == ["PromptChanged", "TemplateVersion"]


async def test_a_part_and_a_template_edited_at_once_both_arrive(prompts: Prompts) -> None:
    await asyncio.gather(
        prompts.edit_part("tone", PartContent(text="Be funny.")),
        prompts.edit("greet", content("Hi {{ name }}")),
    )
    assert await texts(prompts) == ["Be funny.", "Hi Ada"]


async def test_saving_what_is_there_already_makes_no_version(prompts: Prompts) -> None:
    first = await prompts.show("greet")
    again = await prompts.edit("greet", first.content)
    assert again.info.id == first.info.id


async def test_a_label_of_ones_own_and_its_conflict(prompts: Prompts) -> None:
    await prompts.edit("greet", content("Hi {{ name }}"), label="draft")
    assert await texts(prompts) == ["Be kind.", "Hello Ada"]
    assert await texts(prompts, label="draft") == ["Be kind.", "Hi Ada"]
    await prompts.set_label("greet", "production", 2, expected=1)
    with pytest.raises(PromptChanged, match="moved to version 2"):
        await prompts.set_label("greet", "production", 1, expected=1)
    assert {(v.label, v.number) for v in await prompts.labels("greet")} == {("draft", 2), ("production", 2)}


async def test_the_diff_shows_lines_that_changed_in_parts_too(prompts: Prompts) -> None:
    await prompts.edit_part("tone", PartContent(text="Be funny."))
    difference = await prompts.diff("greet", 1, "production")
    assert "-    text: Be kind." in difference
    assert "+    text: Be funny." in difference
    assert await prompts.diff("greet", 2, 2) == ""


async def test_lists_can_be_searched(prompts: Prompts) -> None:
    assert [t.name for t in await prompts.list_templates("HELLO")] == ["greet"]
    assert await prompts.list_templates("100%") == []
    assert [p.name for p in await prompts.list_parts("kind", tag="shared")] == ["tone"]
    assert await prompts.list_parts(tag="other") == []


async def test_create_refuses_a_name_that_is_taken(prompts: Prompts) -> None:
    made = await prompts.create("part", "Says goodbye.", content("Bye {{ name }}", part=None))
    assert made.info.labels == ("production",)
    with pytest.raises(PromptChanged):
        await prompts.create("part", "Again.", content("Bye {{ name }}"))
    await prompts.create_part("mood", "style", "A mood.", PartContent(text="Smile."))
    with pytest.raises(PromptChanged):
        await prompts.create_part("mood", "style", "A mood.", PartContent(text="Smile."))


async def test_what_is_not_there_is_a_typed_error(prompts: Prompts) -> None:
    other = (await prompts.create("other", "x", content("y {{ name }}"))).info.id
    for failing in (
        prompts.render("nobody", {}),
        prompts.render("greet", {"name": "x"}, label="draft"),
        prompts.render("greet", {"name": "x"}, version_id="not-an-id"),
        prompts.render("greet", {"name": "x"}, version_id=str(other)),
        prompts.show("greet", 9),
        prompts.show_part("nothing"),
        prompts.pin(["greet", "nobody"]),
        prompts.edit("greet", content("x {{ name }}", part="nothing")),
        prompts.set_label("greet", "production", 9),
    ):
        with pytest.raises(PromptNotFound):
            await failing


async def test_the_port_of_the_model_service_gives_messages_and_version(prompts: Prompts) -> None:
    messages, version_id = await prompts.source("greet", {"name": "Ada"})
    assert [m.text for m in messages] == ["Be kind.", "Hello Ada"]
    assert (await prompts.show("greet")).info.id.hex == version_id.replace("-", "")
