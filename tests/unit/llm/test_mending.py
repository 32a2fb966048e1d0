from typing import Literal

import pytest
from pydantic import BaseModel, Field

from benchmarks.structured import KINDS, corruptions, judge
from scrivano.llm.json_ends import ending
from scrivano.llm.structured import Unfit, partial, read


class Song(BaseModel):
    title: str
    bars: int
    key: Literal["major", "minor"] = "major"
    parts: list[str] = Field(min_length=1)
    swing: bool = False


def test_a_sample_of_the_corruptions_is_mended_or_caught() -> None:
    outcomes = [(kind, judge(plan, text, complete)) for kind, plan, text, complete in corruptions(300, 11)]
    assert not [kind for kind, outcome in outcomes if outcome == "missed"]
    mended = sum(outcome == "mended" for _, outcome in outcomes)
    assert mended / len(outcomes) >= 0.95
    assert {kind for kind, outcome in outcomes if outcome == "mended"} == set(KINDS)


@pytest.mark.parametrize(
    "text",
    [
        '{"title": "A", "bars": "12 bars", "parts": "verse", "swing": "yes"}',
        '{"Title": "A", "bars": "twelve", "parts": {"0": "verse"}, "Swing": true, "swing": "Yes."}',
        '{"song": {"title": "A", "bars": 12.0, "parts": "[\\"verse\\"]", "swing": 1}}',
        '[{"title": ["A"], "bars": "12", "key": "Major", "parts": ["verse"], "swing": "on"}]',
        '{"title": "A", "bars": 12, "key": null, "parts": ["verse"], "swing": true}',
    ],
)
def test_wrong_forms_are_put_right(text: str) -> None:
    if "null" in text:
        with pytest.raises(Unfit):
            read(text, Song)
        return
    value, mended = read(text, Song)
    assert mended
    assert value == Song(title="A", bars=12, parts=["verse"], swing=True)


@pytest.mark.parametrize(
    "text",
    [
        '{"title": "A", "bars": "12 or 16", "parts": ["x"]}',
        '{"title": {"main": "A"}, "bars": 12, "parts": ["x"]}',
        '{"title": "A", "bars": 12, "parts": ["x"], "key": "dorian"}',
        '{"title": "A", "bars": 12, "parts": ["x", "y',
        '{"title": "A", "parts": ["x"], "bars": 1',
        '{"title": "A", "parts": ["x"], "bars":',
        '{"title": "A", "bars": 12, "parts": ["x",',
        '{"title": "A", "bars": 12, /* or 16 */ "parts": ["x"]}',
        '{"title": "A", "bars": 12, "swing": "perhaps", "parts": ["x"]}',
        "no braces at all",
        "",
    ],
)
def test_what_would_have_to_be_guessed_is_refused(text: str) -> None:
    with pytest.raises(Unfit):
        read(text, Song)


def test_an_answer_of_full_length_is_only_taken_as_it_stands() -> None:
    whole = '{"title": "A", "bars": 12, "parts": ["x"]}'
    assert read(whole, Song, complete=False)[0].bars == 12
    with pytest.raises(Unfit, match="longest"):
        read(whole[:-1], Song, complete=False)


@pytest.mark.parametrize(
    ("text", "end", "breaks"),
    [
        ('{"a": "}"} rest', 10, False),
        ('{"a": [1, 2', 11, True),
        ('{"a": [1, true', 14, False),
        ('{"a": [1, 2 ', 12, False),
        ('{"a": "b"', 9, False),
        ('{"a"', 4, True),
        ('{"a": "it said "no" to me"}', 27, False),
        ("{'a': 'it''s'}", 14, False),
        ('{"a": "b\\', 9, True),
        ("{a: b", 5, True),
    ],
)
def test_endings(text: str, end: int, breaks: bool) -> None:
    found = ending(text)
    assert (found.end, found.breaks_off) == (end, breaks)


def test_partial_objects_grow() -> None:
    text = '<think>{"no": 1}</think>Sure:\n```json\n{"title": "A long one", "parts": ["x", "y"]}\n```\nDone.'
    seen = [value for at in range(len(text)) if (value := partial(text[:at])) is not None]
    assert seen[0] == {}
    assert {"title": "A lo"} in seen
    assert seen[-1] == {"title": "A long one", "parts": ["x", "y"]}
    assert partial("no JSON yet") is None
    assert partial('{"a": nonsense') is None
