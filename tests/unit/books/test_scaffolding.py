"""What a model says around a chapter goes, what only looks like it stays, and nothing else ever happens."""

import json
import time
from pathlib import Path
from typing import TypedDict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scrivano.books.scaffolding import without_scaffolding

FIXTURES = Path(__file__).parents[2] / "fixtures" / "scaffolding"

PROSE = (
    "The lamp had been lit since noon. Nobody in the house would say why, and the cat sat in front of it.\n\n"
    '"Who lit it?" asked my uncle, with snow on his hat. He looked at the lamp, and then at me.'
)


class Case(TypedDict, total=False):
    """A line of the fixtures."""

    id: str
    title: str
    text: str
    clean: str


def cases(name: str) -> list[Case]:
    # Not splitlines: a passage may hold line separators that JSON leaves as they are.
    lines = (FIXTURES / f"{name}.jsonl").read_text(encoding="utf-8").split("\n")
    return [json.loads(line) for line in lines if line.strip()]


LEAKED, LEGITIMATE = cases("leaked"), cases("legitimate")


def test_every_leak_is_removed_exactly() -> None:
    assert len(LEAKED) == 200
    missed = [c["id"] for c in LEAKED if without_scaffolding(c["text"], title=c["title"])[0] != c["clean"]]
    assert missed == []


def test_no_legitimate_passage_is_touched() -> None:
    assert len(LEGITIMATE) == 200
    touched = [
        c["id"] for c in LEGITIMATE if without_scaffolding(c["text"], title=c["title"]) != (c["text"], [])
    ]
    assert touched == []


@pytest.mark.parametrize("leak", LEAKED, ids=lambda case: case["id"])
def test_the_pieces_taken_out_are_handed_over(leak: Case) -> None:
    clean, removed = without_scaffolding(leak["text"], title=leak["title"])
    assert removed and all(piece in leak["text"] for piece in removed)
    assert without_scaffolding(clean, title=leak["title"]) == (clean, [])


@pytest.mark.parametrize(
    "heading",
    [
        "# The Lamp",
        "The Lamp",
        "THE LAMP",
        '"The Lamp"',
        "**The Lamp**",
        "## Chapter 4: The Lamp",
        "Chapter Four – The Lamp",
        "**Chapter 4**\n**The Lamp**",
        "# Houses of Snow\n\n## Chapter 4: The Lamp\n\n*by Jane Doe*\n\n---",
        "Kapitel IV. The Lamp",
        "The Lamp\n========",
        "<h1>The Lamp</h1>",
        "Chapter 4",
        "Chapter 4: The Lamp.",
        "Title: The Lamp",
        "# The Lamp\n\n# The Lamp",
    ],
)
def test_the_chapters_own_heading_goes_in_any_dress(heading: str) -> None:
    assert without_scaffolding(f"{heading}\n\n{PROSE}", title="The Lamp")[0] == PROSE


@pytest.mark.parametrize(
    "heading", ["## What the Cat Knew", "# The Lamp Post", "### 1. Lamps", "Part Two", "The lamp."]
)
def test_other_headings_stay(heading: str) -> None:
    text = f"{heading}\n\n{PROSE}"
    assert without_scaffolding(text, title="The Lamp") == (text, [])


@pytest.mark.parametrize(
    "wrapped",
    [
        "```markdown\n# The Lamp\n\n{}\n```",
        "```\n{}\n```\n\nLet me know if you want changes!",
        "~~~text\n{}\n~~~",
        "<think>\nA lamp.\n\nThen the uncle.\n</think>\n\n{}",
        "A lamp, then the uncle.\n</think>\n{}",
        "<|im_start|>user\nWrite chapter 4.<|im_end|>\n<|im_start|>assistant\n{}<|im_end|>",
        "{}<|im_end|>\n<|im_start|>user\nNow chapter 5.<|im_end|>\n<|im_start|>assistant\nSure, here it is",
        "<s>[INST] Write chapter 4. [/INST] {} </s>",
        "<|channel|>analysis<|message|>A lamp.<|end|><|start|>assistant<|channel|>final<|message|>{}<|return|>",
        "---\ntitle: The Lamp\nwords: 900\n---\n\n{}",
        '<chapter number="4">\n{}\n</chapter>',
        "### Instruction:\nWrite a chapter about a lamp.\n\n### Response:\n{}",
        '"""\n{}\n"""',
        "Sure!\n\n# The Lamp\n\n*(Word count: 900)*\n\n{}\n\n---\n\n**Word count:** 900\n\nLet me know what you think!",
    ],
)
def test_shells_are_peeled_in_any_order(wrapped: str) -> None:
    assert without_scaffolding(wrapped.replace("{}", PROSE), title="The Lamp")[0] == PROSE


@pytest.mark.parametrize("indent", [None, 2])
def test_json_is_unescaped(indent: int | None) -> None:
    answer = json.dumps({"chapter": {"number": 4, "text": PROSE}}, indent=indent, ensure_ascii=False)
    assert without_scaffolding(answer)[0] == PROSE
    assert without_scaffolding(f"```json\n{answer}\n```")[0] == PROSE


def test_an_answer_without_prose_comes_back_empty() -> None:
    refusal = "I'm sorry, but I can't write this chapter, as it would reproduce copyrighted lyrics."
    assert without_scaffolding(refusal) == ("", [refusal])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   \n\n ",
        "\n" + PROSE + "\n",
        "Here is the chapter of my life that I skip at dinners.\n\n" + PROSE,
        "As promised in the introduction, here is the recipe for the glue.\n\n" + PROSE,
        "Write for ten minutes without stopping. Do not edit.\n\n" + PROSE,
        PROSE + "\n\nRewrite your opening paragraph in the present tense.",
        PROSE + "\n\nShould I go on?",
        PROSE + "\n\nTurn to the next chapter when you are ready.",
        PROSE + "\n\n(Check the oil first.)\n\n[The lights go out.]\n\n(Continued on page 9.)\n\n" + PROSE,
        "```python\nprint('Here is the chapter:')\n```\n\n" + PROSE + "\n\n```console\n$ exit\n```",
    ],
)
def test_text_without_scaffolding_is_not_touched(text: str) -> None:
    assert without_scaffolding(text, title="The Lamp") == (text, [])


SCRAPS = st.sampled_from(
    [
        *(
            "```",
            "```json",
            "```markdown",
            "---",
            "***",
            "<think>",
            "</think>",
            "<|im_end|>",
            "[INST]",
            "[/INST]",
            "</s>",
        ),
        *(
            "{",
            "}",
            '"text": "',
            '"',
            "\\n",
            "# The Lamp",
            "Chapter 4",
            "Here is the chapter:",
            "Sure!",
            "User: more",
        ),
        *(
            "[Note: cut this?]",
            "Let me know if you'd like changes.",
            "(to be continued)",
            "<!-- draft -->",
            "> quoted",
        ),
        *(
            "- a list",
            "Assistant:",
            "**Final answer:**",
            "„Hier ist das Kapitel“",
            "<chapter>",
            "Word count: 900",
        ),
    ]
)
SWALLOWING = ("think>", "INST]", "User:", "<!--", '"', "<|")  # what follows or precedes these is not prose
SENTENCES = st.sampled_from(
    [
        *(
            "The river was low.",
            "Nobody answered.",
            "She counted the reindeer twice.",
            "Er schwieg.",
            "Nadie habló.",
        ),
        *("Il fit nuit.", '"Here is your chapter," said the editor.', "The bell rang at four."),
    ]
)
GAPS = st.sampled_from([" ", "\n", "\n\n", "\n\n\n"])
TEXTS = st.lists(st.tuples(st.one_of(SCRAPS, SENTENCES, st.text(max_size=12)), GAPS), max_size=14).map(
    lambda parts: "".join(part + gap for part, gap in parts)
)


@settings(max_examples=300, deadline=None)
@given(st.one_of(TEXTS, st.text(max_size=300)), st.sampled_from(["", "The Lamp", "Chapter 4: The Lamp", "."]))
def test_it_is_safe_on_anything(text: str, title: str) -> None:
    clean, removed = without_scaffolding(text, title=title)
    assert without_scaffolding(clean, title=title) == (clean, [])
    assert bool(removed) or clean == text
    if '": "' not in text:  # only what was a JSON string is ever rewritten
        assert is_subsequence(clean, text)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(SENTENCES, GAPS), min_size=1, max_size=30))
def test_prose_alone_stays_whole(parts: list[tuple[str, str]]) -> None:
    text = "".join(sentence + gap for sentence, gap in parts)
    assert without_scaffolding(text, title="The Lamp") == (text, [])


@settings(max_examples=200, deadline=None)
@given(TEXTS.filter(lambda text: not any(mark in text for mark in SWALLOWING)))
def test_prose_beside_scaffolding_is_never_lost(text: str) -> None:
    prose = "The river was low that summer, and people came from town to look at the chimneys."
    clean, _removed = without_scaffolding(f"{text}\n\n{prose}\n\n{prose}")
    assert clean.endswith(f"{prose}\n\n{prose}")


def is_subsequence(part: str, whole: str) -> bool:
    characters = iter(whole)
    return all(character in characters for character in part if not character.isspace())


def test_a_long_chapter_takes_no_time() -> None:
    paragraph = (
        "The river number {} was low that summer, low enough that the drowned village put up its chimneys again. "
        "She charged them a coin each, and her father, who had a chapter to finish, said that you would like to know why."
    )
    text = "Here is the chapter:\n\n" + "\n\n".join(paragraph.format(number) for number in range(250))
    assert len(text.split()) > 10_000
    without_scaffolding(text)
    times: list[float] = []
    for _ in range(5):
        start = time.process_time()
        clean, _removed = without_scaffolding(text, title="The Ferryman")
        times.append(time.process_time() - start)
        assert clean.startswith("The river number 0")
    assert min(times) < 0.5


@pytest.mark.parametrize(
    "unit", ["```\n", "[(", "<think>", "Note: ", '"', "---\n", "Sure! ", "'a ", "**a", "(a ", "a", ": "]
)
def test_repetition_does_not_slow_it_down(unit: str) -> None:
    start = time.process_time()
    without_scaffolding(unit * (20_000 // len(unit)), title="X")
    assert time.process_time() - start < 15
