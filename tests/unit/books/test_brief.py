import json
from pathlib import Path

import pytest

from scrivano.books.brief import check_niche, load_brief, parse_brief
from scrivano.core.errors import InvalidInput

EXAMPLES = sorted((Path(__file__).resolve().parents[3] / "examples").glob("*.toml"))


def refused(data: dict[str, object]) -> InvalidInput:
    with pytest.raises(InvalidInput) as caught:
        parse_brief(data)
    return caught.value


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_examples_are_briefs(path: Path) -> None:
    load_brief(path)


def test_toml_and_json_say_the_same(tmp_path: Path) -> None:
    toml = tmp_path / "a.toml"
    toml.write_text('subject = "Bees"\nwords = 900\ndate = 2025-03-01\n[world]\nrules = ["No magic."]\n')
    other = tmp_path / "a.json"
    other.write_text(
        json.dumps({"subject": "Bees", "words": 900, "date": "2025-03-01", "world": {"rules": ["No magic."]}})
    )
    assert load_brief(toml) == load_brief(other)


@pytest.mark.parametrize(
    ("data", "field", "said"),
    [
        ({"subject": "x", "cover_stile": "minimalist"}, "cover_stile", "Did you mean 'cover_style'?"),
        ({"subject": "x", "cover_style": "minimal"}, "cover_style", "Did you mean 'minimalist'?"),
        ({"subject": "x", "cover_style": "gothic"}, "cover_style", "elegant, corporate, artistic"),
        ({"subject": "x", "language": "German"}, "language", "Did you mean 'de'?"),
        ({"subject": "x", "words": 499}, "words", "from 500 to 250,000"),
        ({"subject": "x", "words": "many"}, "words", "must be a whole number"),
        ({"subject": "x", "chapters": 61}, "chapters", "from 1 to 60"),
        ({"subject": "x", "references": "a.md"}, "references", "a list in square brackets"),
        ({"subject": "x", "approve_outline": "perhaps"}, "approve_outline", "true or false"),
        ({"subject": "x", "world": {"seting": "a"}}, "world.seting", "Did you mean 'setting'?"),
        ({"subject": "x", "characters": [{"role": "a"}]}, "characters.0.name", "missing"),
        ({"subject": "x" * 30_000}, "subject", "20000 characters at most"),
        ({"domain": "ai_automation"}, "niche", "none of its niches"),
        ({"niche": "no_code_ai_tools"}, "domain", "not the domain"),
        ({"subject": "  "}, "subject", "name a subject"),
        ({"kind": "fiction"}, "premise", "a sentence or two"),
    ],
)
def test_a_mistake_is_named_with_what_is_allowed(data: dict[str, object], field: str, said: str) -> None:
    error = refused(data)
    assert error.field == field
    assert said in error.message


def test_all_mistakes_are_told_at_once() -> None:
    message = refused({"subject": "x", "words": 3, "trim": "A9", "colour": "red"}).message
    assert all(f"`{field}`" in message for field in ("words", "trim", "colour"))


def test_an_unknown_niche_is_named_with_those_there_are() -> None:
    known = {"ai_automation": ["no_code_ai_tools", "business_automation"], "shops": ["online_store_setup"]}
    check_niche(parse_brief({"domain": "ai_automation", "niche": "no_code_ai_tools"}), known)
    for domain, niche, field, said in (
        ("ai_automation", "no-code-ai-tool", "niche", "Did you mean 'no_code_ai_tools'?"),
        ("ai_automaton", "no_code_ai_tools", "domain", "Did you mean 'ai_automation'?"),
        ("ai_automation", "online_store_setup", "niche", 'domain = "shops"'),
    ):
        with pytest.raises(InvalidInput) as caught:
            check_niche(parse_brief({"domain": domain, "niche": niche}), known)
        assert caught.value.field == field
        assert said in (caught.value.remedy or "")


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.toml", b"subject = ", "not valid TOML"),
        ("a.json", b"{", "not valid JSON"),
        ("a.json", b"[1]", "holds no fields"),
        ("a.json", b"[" * 100_000, "nested too deeply"),
        ("a.toml", b"\xff\xfe\x00", "not UTF-8"),
        ("a.toml", b"#" * 2_000_001, "no brief"),
    ],
)
def test_a_file_that_is_no_brief(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InvalidInput) as caught:
        load_brief(tmp_path / name)
    assert said in caught.value.message
    assert caught.value.remedy


def test_a_missing_brief(tmp_path: Path) -> None:
    for path in (tmp_path / "none.toml", tmp_path):
        with pytest.raises(InvalidInput):
            load_brief(path)
