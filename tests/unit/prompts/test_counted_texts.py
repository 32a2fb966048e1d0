"""Counting a long text paragraph by paragraph comes to what counting it whole comes to."""

import random

import pytest

from scrivano.llm import tokens
from scrivano.llm.tokens import count_in_pieces, count_text

ENCODINGS = ("o200k_base", "cl100k_base")
ENDS = ("\n", "\n\n", "\n\n\n", "\r\n", "\r", " ", "  ", "\t", "\x85", "\u2028", "\u3000", "\x0b", "\x1c")
BEGINNINGS = (
    "/",
    "//",
    ".",
    "'s",
    "'LL",
    "a",
    "The",
    "7",
    "1234",
    "ß",
    "\u0301",
    "漢字",
    "🌊",
    "-",
    "#",
    "{",
    "²",
)
OTHERS = ("!", ",", "é", "ʼ", "़", "١٢", "_", "<|endoftext|>", "\u200b", "Ab")


@pytest.mark.parametrize("encoding", ENCODINGS)
async def test_paragraphs_add_up_to_the_whole(encoding: str) -> None:
    draw = random.Random(5)
    for _ in range(1500):
        text = "".join(draw.choice(ENDS + BEGINNINGS + OTHERS) for _ in range(draw.randint(1, 40)))
        counted = await count_in_pieces(encoding, text)
        assert counted == await count_text(encoding, text, "m", None), repr(text)


async def test_a_paragraph_that_was_counted_is_not_counted_again(monkeypatch: pytest.MonkeyPatch) -> None:
    counted: list[str] = []
    whole = tokens._count_all  # pyright: ignore[reportPrivateUsage]

    def spy(name: str, texts: list[str]) -> list[int]:
        counted.extend(texts)
        return whole(name, texts)

    monkeypatch.setattr(tokens, "_count_all", spy)
    paragraphs = [f"Paragraph {number} of a counted text." for number in range(20)]
    await count_in_pieces("o200k_base", "\n\n".join(paragraphs))
    assert len(counted) == 20
    counted.clear()
    await count_in_pieces("o200k_base", "\n\n".join([*paragraphs[:10], "A new one.", *paragraphs[10:]]))
    assert counted == ["A new one.\n\n"]


def test_counts_let_go_of_the_oldest_texts() -> None:
    counts = tokens._Counted(most=10)  # pyright: ignore[reportPrivateUsage]
    counts.keep("t", "12345", 1)
    counts.keep("t", "67890", 2)
    assert counts.get("t", "12345") == 1
    counts.keep("t", "abc", 3)
    assert [counts.get("t", text) for text in ("12345", "67890", "abc")] == [1, None, 3]
