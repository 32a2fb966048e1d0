"""Templates within templates, Jinja2, labels, archive, previews of changes, files."""

import asyncio
import uuid
from collections.abc import AsyncIterator

import pytest

from scrivano.core.database import Database
from scrivano.llm.errors import NobodyCould
from scrivano.prompts.public import (
    Impacts,
    LabelProtected,
    PartContent,
    PromptChanged,
    PromptFiles,
    Prompts,
    Protection,
    Sandbox,
    StillUsed,
    TemplateContent,
    TemplateCycle,
    TemplateSyntax,
    UnknownVariable,
    Variable,
    WrongValue,
)


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    made = Sandbox()
    yield made
    await made.close()


@pytest.fixture
def prompts(database: Database, sandbox: Sandbox) -> Prompts:
    return Prompts(database, sandbox)


def content(*user: dict[str, object] | str, system: str | None = None, **more: object) -> TemplateContent:
    items = [{"text": each} if isinstance(each, str) else each for each in user]
    messages: list[dict[str, object]] = [{"role": "user", "content": items}]
    if system:
        messages.insert(0, {"role": "system", "content": system})
    variables = more.pop("variables", {"name": {"type": "text", "default": "Ada"}})
    return TemplateContent.model_validate({"variables": variables, "messages": messages, **more})


async def texts(prompts: Prompts, name: str, **values: object) -> list[str]:
    return [message.text for message in (await prompts.render(name, values)).messages]


async def test_a_template_brings_its_messages_of_the_same_role(prompts: Prompts) -> None:
    await prompts.create("inner", "", content("Hello {{ name }}.", system="Be kind."))
    outer = content({"template": "inner"}, "Goodbye.", system="First.")
    with_system = outer.model_copy(
        update={
            "messages": (
                outer.messages[0].model_copy(
                    update={"content": (*outer.messages[0].content, outer.messages[1].content[0])}
                ),
                outer.messages[1],
            )
        }
    )
    await prompts.create("outer", "", with_system)
    assert await texts(prompts, "outer") == ["First.\n\nBe kind.", "Hello Ada.\n\nGoodbye."]


async def test_a_new_text_reaches_whoever_includes_it_at_any_depth(prompts: Prompts) -> None:
    await prompts.create_part("tone", "style", "", PartContent(text="Kindly."))
    await prompts.create("t1", "", content({"part": "tone"}))
    for depth in range(2, 6):
        await prompts.create(f"t{depth}", "", content({"template": f"t{depth - 1}"}, f"Level {depth}."))
    pinned = (await prompts.pin(["t5"]))["t5"]
    await prompts.edit_part("tone", PartContent(text="Sternly."))
    assert (await texts(prompts, "t5"))[0].startswith("Sternly.\n\nLevel 2.")
    old = await prompts.render("t5", {}, version_id=pinned)
    assert old.messages[0].text.startswith("Kindly.")
    with pytest.raises(TemplateCycle, match="6 deep"):
        await prompts.create("t6", "", content({"template": "t5"}))
    with pytest.raises(TemplateCycle):
        await prompts.edit("t1", content({"template": "t3"}))
    assert (await prompts.info("t1")).version == 2


async def test_a_roll_back_reaches_them_too(prompts: Prompts) -> None:
    await prompts.create_part("tone", "style", "", PartContent(text="One."))
    await prompts.create("inner", "", content({"part": "tone"}))
    await prompts.create("outer", "", content({"template": "inner"}))
    await prompts.edit_part("tone", PartContent(text="Two."))
    await prompts.set_part_label("tone", "production", 1, expected=2)
    assert await texts(prompts, "outer") == ["One."]
    with pytest.raises(PromptChanged, match="moved to version 1"):
        await prompts.set_part_label("tone", "production", 2, expected=2)


async def test_jinja_is_a_choice_and_is_checked_when_saved(prompts: Prompts) -> None:
    text = "{% for each in things %}* {{ each }}\n{% endfor %}"
    variables = {"things": {"type": "list"}}
    await prompts.create("listed", "", content(text, variables=variables, engine="jinja2"))
    assert await texts(prompts, "listed", things=["{{ a }}", "b"]) == ["* {{ a }}\n* b"]
    with pytest.raises(UnknownVariable, match="`nobody`"):
        await prompts.edit("listed", content("{{ nobody }}", variables=variables, engine="jinja2"))
    assert len(await prompts.versions("listed")) == 1


async def test_only_administrators_publish(prompts: Prompts) -> None:
    with pytest.raises(LabelProtected):
        await prompts.create("greet", "", content("Hi"), trusted=False)
    draft = await prompts.create("greet", "", content("Hi"), trusted=False, label="draft")
    assert draft.info.labels == ("draft",)
    await prompts.set_label("greet", "production", 1, expected=0)
    with pytest.raises(LabelProtected):
        await prompts.set_label("greet", "production", 1, trusted=False)
    await prompts.protect("reviewed", Protection(protected=True))
    assert await prompts.protected_labels() == ["production", "reviewed"]
    with pytest.raises(LabelProtected):
        await prompts.set_label("greet", "reviewed", 1, trusted=False)
    await prompts.remove_label("greet", "draft")
    with pytest.raises(StillUsed):
        await prompts.remove_label("greet", "production")


async def test_of_two_people_who_move_a_label_one_is_told(prompts: Prompts) -> None:
    await prompts.create("greet", "", content("Hi"))
    await prompts.edit("greet", content("Hello"), label="draft")
    await prompts.edit("greet", content("Hey"), label="other")
    moves = (prompts.set_label("greet", "production", number, expected=1) for number in (2, 3))
    done = await asyncio.gather(*moves, return_exceptions=True)
    assert sorted(type(each).__name__ for each in done) == ["LabelView", "PromptChanged"]


async def test_what_is_archived_is_out_of_the_lists_and_still_renders(prompts: Prompts) -> None:
    await prompts.create_part("tone", "style", "Nice.", PartContent(text="Kindly."))
    await prompts.create("greet", "Says hello.", content({"part": "tone"}), tags=["letters"])
    with pytest.raises(StillUsed, match="greet"):
        await prompts.archive_part("tone")
    await prompts.archive("greet")
    await prompts.archive_part("tone")
    assert await prompts.list_templates("hello") == [] and await prompts.list_parts() == []
    assert [t.name for t in await prompts.list_templates(archived=True, tag="letters")] == ["greet"]
    assert await texts(prompts, "greet") == ["Kindly."]
    assert not (await prompts.archive("greet", archived=False)).archived


async def test_a_failed_creation_leaves_nothing(prompts: Prompts) -> None:
    with pytest.raises(UnknownVariable):
        await prompts.create("greet", "", content("{{ nobody }}"))
    assert await prompts.list_templates() == []
    await prompts.create("greet", "", content("Hi"))


async def test_an_export_comes_back_with_the_same_hashes(
    prompts: Prompts, database: Database, empty_database_url: str
) -> None:
    from scrivano.core import migrate

    strange = "  Zeile\tmit ‹Zeichen›: # nicht Kommentar\n\n  - x \n'\"{}[]|>%@`\u2028\u00a0 end \n"
    await prompts.create_part("tone", "style", "", PartContent(text=strange))
    await prompts.create("inner", "An inner one.", content({"part": "tone"}, "{{ name }}"))
    await prompts.create("outer", "", content({"template": "inner", "when": "name"}), tags=["a"])
    await prompts.edit_part("tone", PartContent(text="Newer."))
    await prompts.set_label("outer", "stable", 1)
    text = await PromptFiles(database).export()

    await migrate.upgrade(empty_database_url)
    other = Database(empty_database_url)
    try:
        fresh = Prompts(other)
        files = PromptFiles(other)
        report = await files.take_in(text)
        assert sorted(report.new) == ["inner", "outer", "tone"]
        for name in ("inner", "outer"):
            ours, theirs = await prompts.versions(name), await fresh.versions(name)
            assert [(v.number, v.hash, v.labels) for v in ours] == [
                (v.number, v.hash, v.labels) for v in theirs
            ]
        assert await files.export() == text
        assert (await files.take_in(text)).new == []
        for version in ("1", "2"):
            before = (await prompts.show("outer", version)).info.id
            after = (await fresh.show("outer", version)).info.id
            assert (await prompts.render("outer", {}, version_id=str(before))).hash == (
                await fresh.render("outer", {}, version_id=str(after))
            ).hash
    finally:
        await other.dispose()


async def test_prompts_of_other_programs_come_in(
    prompts: Prompts, database: Database, sandbox: Sandbox
) -> None:
    files = PromptFiles(database, sandbox)
    llm = "system: You are $mood.\nprompt: 'Sum up: $input ($$5, {{x}})'\ndefaults: {mood: brief}\nmodel: small\n"
    report = await files.take_in(llm, file_name="summary.yaml")
    assert (report.format, report.new) == ("llm", ["summary"])
    assert await texts(prompts, "summary", input="this") == ["You are brief.", "Sum up: this ($5, {{x}})"]
    promptfoo = """
prompts:
  - 'Translate {{text}} to {{language}}'
  - {label: chat, raw: '[{"role": "system", "content": "Be {{tone}}"}, {"role": "user", "content": "{{q}}"}]'}
  - file://other.txt
  - '{% if brief %}Short: {% endif %}{{ text }}'
providers: [x]
tests: [{vars: {brief: true, text: a}}]
"""
    report = await files.take_in(promptfoo, file_name="promptfooconfig.yaml")
    assert report.new == ["promptfooconfig_1", "chat", "promptfooconfig_4"]
    assert "file://other.txt" in report.notes[0]
    assert await texts(prompts, "chat", tone="kind", q="why") == ["Be kind", "why"]
    assert await texts(prompts, "promptfooconfig_4", brief=True, text="x") == ["Short: x"]
    table = "act,prompt,tags\nLinux Terminal,Act as {{ shell }},a|b\nPoet,Write { }} a poem,\n"
    report = await files.take_in(table, file_name="prompts.csv")
    assert report.new == ["linux_terminal", "poet"]
    assert await texts(prompts, "poet") == ["Write { }} a poem"]
    store = '{"prompts": [{"title": "A b", "system": "S", "content": "C {{v}}", "temperature": 0.2}]}'
    await files.take_in(store, file_name="old.json")
    assert (await prompts.render("a_b", {"v": "1"})).settings == {"temperature": 0.2}


async def test_an_import_of_several_is_all_or_nothing(
    prompts: Prompts, database: Database, sandbox: Sandbox
) -> None:
    files = PromptFiles(database, sandbox)
    text = (
        "prompts:\n  - {label: first, raw: 'Good {{a}}'}\n  - {label: second, raw: '{% if %}broken{{ b }}'}\n"
    )
    with pytest.raises(TemplateSyntax):
        await files.take_in(text, file_name="promptfoo.yaml", format="promptfoo")
    assert await prompts.list_templates("first") == []


async def test_an_export_changed_by_hand_is_checked_before_it_goes_into_production(
    prompts: Prompts, database: Database, sandbox: Sandbox
) -> None:
    await prompts.create("mine", "", content("Hello {{ name }}."))
    files = PromptFiles(database, sandbox)
    text = (await files.export(["mine"])).replace("{{ name }}", "{{ nobody }}")
    with pytest.raises(UnknownVariable):
        await files.take_in(text)
    assert await texts(prompts, "mine") == ["Hello Ada."]


async def test_a_project_role_may_be_let_move_a_protected_label(prompts: Prompts) -> None:
    project = uuid.uuid4()
    given = Protection.model_validate(
        {"protected": True, "roles": [{"project_id": project, "role": "editor"}]}
    )
    assert await prompts.protect("production", given) == given
    assert await prompts.protection("production") == given
    assert await prompts.protect("production", Protection(protected=True)) == Protection(protected=True)
    await prompts.protect("production", given)
    assert await prompts.protect("production", Protection(protected=False)) == Protection(protected=False)
    await prompts.create("greet", "", content("Hi"), trusted=False)


class NoModel:
    async def count_tokens(self, texts: object, model: str) -> None:
        raise NobodyCould("There is no model to ask.")


async def test_what_a_part_would_break_is_told_for_each_template(
    prompts: Prompts, database: Database
) -> None:
    impacts = Impacts(database, prompts, NoModel())  # type: ignore[arg-type]
    old = PartContent.model_validate(
        {"text": "{{ age }}", "variables": {"age": {"type": "number", "default": 1}}}
    )
    await prompts.create_part("who", "data", "", old)
    await prompts.create("plain", "", content({"part": "who"}, {"part": "who"}))
    await prompts.create("knows", "", content({"part": "who"}, variables={"city": {"default": ""}}))
    await prompts.create("reads", "", content({"part": "who"}, "Aged {{ age }}."))
    await prompts.create("jinja", "", content({"part": "who"}, engine="jinja2"))
    await prompts.create("outer", "", content({"template": "plain"}, variables={"city": {"default": ""}}))

    found = await impacts.of_part("who", PartContent(text="In {{ city }}, aged {{ age }}."))
    told = {each.name: each.broken for each in found.templates}
    assert told["plain"] == "who uses `age`, which is not declared."
    assert told["knows"] == "who uses `age`, which is not declared."
    found = await impacts.of_part("who", PartContent(text="In {{ city }}."))
    told = {each.name: each.broken for each in found.templates}
    assert told == {
        "jinja": "who uses `city`, which is not declared.",
        "knows": None,
        "outer": None,
        "plain": "who uses `city`, which is not declared.",
        "reads": "who uses `city`, which is not declared.",
    }
    assert {each.name: each.uses for each in found.templates}["plain"] == 2
    found = await impacts.of_part("who", PartContent(text="Nobody."))
    told = {each.name: each.broken for each in found.templates}
    assert told["reads"] == "reads uses `age`, which is not declared."
    assert [name for name, broken in told.items() if broken] == ["reads"]
    text = old.model_copy(update={"variables": {"name": Variable(type="number", required=False)}})
    found = await impacts.of_part("who", text.model_copy(update={"text": "x"}))
    assert "but a number in its part who" in str(found.templates[0].broken)
    with pytest.raises(WrongValue):
        await prompts.edit_part("who", text)
    found = await impacts.of_part("who", old.model_copy(update={"text": "{{#if"}))
    assert all(
        each.broken and "who, line 1" in each.broken for each in found.templates if each.name != "outer"
    )
