"""Template versions are checked as a whole, and filled in with typed values."""

import json
import subprocess
import sys
import uuid

import pytest
from pydantic import BaseModel, ValidationError

from scrivano.core import clock
from scrivano.prompts.canonical import canonical_json, prompt_hash
from scrivano.prompts.compiled import compile_version, render
from scrivano.prompts.dto import (
    Author,
    MissingVariable,
    PartContent,
    PinnedPart,
    PromptNotFound,
    RenderedPrompt,
    TemplateContent,
    TemplateVersion,
    UnknownVariable,
    Variable,
    VersionInfo,
    WrongValue,
)


def version(content: dict[str, object], **parts: PartContent) -> TemplateVersion:
    info = VersionInfo(
        id=uuid.UUID(int=7), number=3, hash="", note="", author=Author(), created_at=clock.now()
    )
    pinned = {
        name: PinnedPart(name=name, version_id=uuid.UUID(int=1), number=1, hash="", content=part)
        for name, part in parts.items()
    }
    return TemplateVersion(
        name="greet", description="", info=info, content=TemplateContent.model_validate(content), parts=pinned
    )


def rendered(content: dict[str, object], values: dict[str, object], **parts: PartContent) -> RenderedPrompt:
    return render(compile_version(version(content, **parts)), values)


HELLO: dict[str, object] = {
    "variables": {"name": {"type": "text"}, "loud": {"type": "flag", "default": False}},
    "settings": {"temperature": 0.5},
    "messages": [
        {"role": "system", "content": [{"part": "manners", "when": "not loud"}, {"text": "Be brief."}]},
        {"role": "user", "content": "Greet {{ name }}."},
        {"role": "user", "content": "LOUDLY", "when": "loud"},
    ],
}
MANNERS = PartContent(text="Be polite to {{ name }}.", variables={"name": Variable()})


def test_messages_are_made_of_parts_and_texts() -> None:
    prompt = rendered(HELLO, {"name": "Ada"}, manners=MANNERS)
    assert [(m.role, m.content) for m in prompt.messages] == [
        ("system", "Be polite to Ada.\n\nBe brief."),
        ("user", "Greet Ada."),
    ]
    assert (prompt.name, prompt.version, prompt.settings) == ("greet", 3, {"temperature": 0.5})
    assert prompt.version_id == str(uuid.UUID(int=7))


def test_conditions_choose_parts_and_messages() -> None:
    prompt = rendered(HELLO, {"name": "Ada", "loud": True}, manners=MANNERS)
    assert [m.content for m in prompt.messages] == ["Be brief.", "Greet Ada.", "LOUDLY"]


def test_missing_and_unknown_variables_are_named() -> None:
    with pytest.raises(MissingVariable, match="`name`"):
        rendered(HELLO, {}, manners=MANNERS)
    with pytest.raises(MissingVariable):
        rendered(HELLO, {"name": None}, manners=MANNERS)
    with pytest.raises(UnknownVariable, match="`nam`") as raised:
        rendered(HELLO, {"nam": "Ada"}, manners=MANNERS)
    assert raised.value.remedy == "Did you mean `name`?"


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ({"type": "text"}, "x", 3),
        ({"type": "number"}, 0.5, "3"),
        ({"type": "number"}, 12, True),
        ({"type": "number"}, 12, float("inf")),
        ({"type": "flag"}, False, 1),
        ({"type": "choice", "choices": ["a", "b"]}, "b", "c"),
        ({"type": "list"}, ["x", {"y": 1}], "x"),
        ({"type": "json"}, {"a": [1]}, object()),
        ({"type": "text"}, "x", "a\0b"),
        ({"type": "text"}, "x", "\ud800"),
        ({"type": "list"}, [], ["\ud800"]),
        ({"type": "json"}, {"code": "\\u0000"}, {"a": ["b\0"]}),
        ({"type": "json"}, 1, {"a": float("nan")}),
    ],
)
def test_values_have_to_be_of_their_type(kind: dict[str, object], good: object, bad: object) -> None:
    content = {"variables": {"v": kind}, "messages": [{"role": "user", "content": "x {{#if v}}y{{/if}}"}]}
    assert rendered(content, {"v": good}).messages
    with pytest.raises(WrongValue) as raised:
        rendered(content, {"v": bad})
    assert raised.value.field == "v"


def test_models_and_tuples_are_taken_as_json() -> None:
    class Person(BaseModel):
        name: str

    content = {
        "variables": {"people": {"type": "list"}},
        "messages": [{"role": "user", "content": "{{#each people}}{{ this.name }};{{/each}}"}],
    }
    assert (
        rendered(content, {"people": (Person(name="Ada"), {"name": "Bob"})}).messages[0].content == "Ada;Bob;"
    )


def test_texts_may_only_use_what_is_declared() -> None:
    content: dict[str, object] = {
        "variables": {"title": {"type": "text"}},
        "messages": [{"role": "user", "content": "{{ titel }}"}],
    }
    with pytest.raises(UnknownVariable, match="`titel`") as raised:
        compile_version(version(content))
    assert raised.value.remedy == "Did you mean `title`?"
    with pytest.raises(UnknownVariable, match="`fiction`"):
        compile_version(version({"messages": [{"role": "user", "content": "x", "when": "fiction"}]}))


def test_a_part_has_to_exist_and_to_agree_on_types() -> None:
    content: dict[str, object] = {
        "variables": {"name": {"type": "number"}},
        "messages": [{"role": "user", "content": [{"part": "manners"}]}],
    }
    with pytest.raises(PromptNotFound, match="manners"):
        compile_version(version(content))
    with pytest.raises(WrongValue, match="a number in greet, but a text in its part manners"):
        compile_version(version(content, manners=MANNERS))


@pytest.mark.parametrize(
    "content",
    [
        {"messages": []},
        {"messages": [{"role": "wizard", "content": "x"}]},
        {"messages": [{"role": "user", "content": [{"text": "x", "part": "y"}]}]},
        {"messages": [{"role": "user", "content": "x"}], "settings": {"temprature": 1}},
        {"messages": [{"role": "user", "content": "x"}], "settings": {"temperature": 3}},
        {"messages": [{"role": "user", "content": "x"}], "variables": {"v": {"type": "choice"}}},
        {"messages": [{"role": "user", "content": "x"}], "variables": {"a b": {}}},
    ],
)
def test_contents_that_make_no_sense_are_refused(content: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        TemplateContent.model_validate(content)


def test_a_default_has_to_fit_its_type() -> None:
    with pytest.raises((ValidationError, WrongValue)):
        Variable.model_validate({"type": "number", "default": "many"})


def test_the_canonical_form_has_one_spelling() -> None:
    assert canonical_json({"b": 1.0, "a": ["é", {"d": None, "c": 0.5}]}) == (
        '{"a":["é",{"c":0.5,"d":null}],"b":1}'.encode()
    )


def test_the_hash_covers_messages_and_settings_and_is_the_same_in_every_process() -> None:
    prompt = rendered(HELLO, {"name": "Ada"}, manners=MANNERS)
    assert prompt.hash == prompt_hash(prompt.messages, {"temperature": 0.5, "seed": None})
    assert prompt.hash != prompt_hash(prompt.messages, {"temperature": 0.6})
    assert prompt.hash != prompt_hash(prompt.messages[:1], prompt.settings)
    program = (
        "import sys,json; from scrivano.llm.public import Message;"
        "from scrivano.prompts.public import prompt_hash;"
        "m,s=json.load(sys.stdin); print(prompt_hash([Message(**x) for x in m], s))"
    )
    given = json.dumps([[{"role": m.role, "content": m.content} for m in prompt.messages], prompt.settings])
    done = subprocess.run(
        [sys.executable, "-c", program], input=given, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == prompt.hash
