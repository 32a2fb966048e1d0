"""The prompts that come with Scrivano hold together."""

import uuid
from pathlib import Path

import pytest

from scrivano.core import clock
from scrivano.core.errors import InvalidInput
from scrivano.prompts import engine
from scrivano.prompts.compiled import compile_version
from scrivano.prompts.dto import Author, PinnedPart, TemplateVersion, VersionInfo
from scrivano.prompts.starter_files import TemplateFile, read_starter

STARTER = read_starter()
PARTS = {part.name: part for part in STARTER.parts()}
TEMPLATES = {template.name: template for template in STARTER.templates()}


def version(file: TemplateFile) -> TemplateVersion:
    info = VersionInfo(
        id=uuid.UUID(int=1), number=1, hash="", note="", author=Author(), created_at=clock.now()
    )
    content = file.content()
    parts = {
        name: PinnedPart(
            name=name, version_id=uuid.UUID(int=2), number=1, hash="", content=PARTS[name].content()
        )
        for name in content.part_names()
    }
    return TemplateVersion(
        name=file.name, description=file.description, info=info, content=content, parts=parts
    )


def test_every_prompt_of_the_book_pipeline_and_of_the_service_is_there() -> None:
    assert set(TEMPLATES) >= {
        "write_outline",
        "write_chapter",
        "continue_chapter",
        "summarize_chapter",
        "check_continuity",
        "revise_passage",
        "llm_reask",
        "llm_continue",
    }


@pytest.mark.parametrize("name", sorted(TEMPLATES))
def test_a_template_compiles_and_uses_every_variable_that_it_declares(name: str) -> None:
    whole = version(TEMPLATES[name])
    compile_version(whole)
    texts = [item.text for m in whole.content.messages for item in m.content if item.text]
    texts += [part.content.text for part in whole.parts.values()]
    conditions = [m.when for m in whole.content.messages]
    conditions += [item.when for m in whole.content.messages for item in m.content]
    used = {n for text in texts for n in engine.names_used(engine.parse(text))}
    used |= {engine.parse_condition(c).path[0] for c in conditions if c}
    assert used == set(whole.variables())


@pytest.mark.parametrize("name", sorted(TEMPLATES))
def test_every_variable_says_what_it_is(name: str) -> None:
    assert all(variable.help for variable in version(TEMPLATES[name]).variables().values())


def test_every_part_is_used_and_named_like_its_file() -> None:
    assert {part for t in TEMPLATES.values() for part in t.content().part_names()} == set(PARTS)
    files = [name.removeprefix("parts/").removesuffix(".yaml") for name, _ in STARTER.files]
    assert sorted(files) == sorted([*PARTS, *TEMPLATES])


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("name: bad\ndescription: x\nmessages: [{role: user}]\n")
    with pytest.raises(InvalidInput, match=r"bad\.yaml"):
        read_starter(tmp_path).templates()
    (tmp_path / "bad.yaml").write_text("{unclosed")
    with pytest.raises(InvalidInput, match=r"bad\.yaml"):
        read_starter(tmp_path).templates()
