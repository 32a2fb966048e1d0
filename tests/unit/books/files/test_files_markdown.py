"""Markdown: what is written reads back as the same blocks."""

import re

import pytest
import yaml
from files_samples import ALL_KINDS, manuscript
from hypothesis import given, settings
from hypothesis import strategies as st

from scrivano.books.files import Manuscript, ManuscriptChapter, write_markdown
from scrivano.books.files.book import read_book


def read_again(book: Manuscript) -> Manuscript:
    """The manuscript whose chapters are those of the written file."""
    text = (
        write_markdown(book.model_copy(update={"colophon": [], "bibliography": []}))
        .decode()
        .split("---\n", 2)[2]
    )
    pictures = "\n".join(re.findall(r"^\[image-\d+\]: data:.*$", text, re.MULTILINE))
    parts = re.split(r"^# .*$", text, flags=re.MULTILINE)[1:]
    chapters = [
        ManuscriptChapter(title=c.title, markdown=f"{part}\n\n{pictures}")
        for c, part in zip(book.chapters, parts, strict=True)
    ]
    return book.model_copy(update={"chapters": chapters})


def shape(book: Manuscript) -> list[str]:
    """Blocks and notes as text, without the addresses of images, which become data."""
    read = read_book(book, curly=False, lead=False)
    return [re.sub(r"key='[^']*'", "", repr(block)) for c in read.chapters for block in (*c.blocks, *c.notes)]


_TRICKY = [
    "a*b*c _d_e_ __f__",
    "**a***b*",
    "*a **b** c*",
    "***a** b*",
    "*a***b**c",
    "x~y ~~z~~~",
    "1986\\. A year",
    "\\# no",
    "- a\n- b\n\n* c\n* d\n\n1. x\n\n1) y",
    "> a\n\n> b",
    "- ***\n- ```\n  code\n  ```",
    "`` a`b `` ` `` ` `` ` ``",
    "[x](http://e.com/a(b)c) [y](http://e.com/(a))",
    "a\\\nb\\\n--- c\n\\\n=== d",
    "<b>x</b> &amp; &lt; &copy; &amp;copy;",
    "| a \\| b | `c\\|d` |\n|---|:-:|\n| *x* | **y** |",
    "[^1] text *em[^1] more*\n\n[^1]: note\n\n    second\n\n    - list",
    "*foo*bar**baz**",
    "![alt *x* [y]](square.png 'cap \"q\" \\\\')",
    "text ![in](square.png) line",
    "~~~\n```\n~~~",
    "    indented\n    code",
    "## a `c` \\#",
    "http://x.com/a_b_c **http://a.b**",
    "1. a\n\n   b\n2. c\n   > q\n\n   - z",
    "-\n- x",
    'Hello*"quoted"*there',
    "**bold**text*em*",
    "$a$ \\[b\\]",
    "+ plus\n+ two",
    "2) x\n3) y",
    "***",
    "a  \nb",
    "Setext\n---",
    "x ^[inline *note*] y",
    "12.00 and - and + and 1.",
    "#### x\n\n###### y",
    "z\n# # z",
    "## a `c#` \\## b \\##",
]


_MARKS = [
    "*a",
    "b_",
    "*c",
    "**",
    "`x`",
    "~~",
    "[l](http://e.org)",
    "\\",
    "<",
    "&",
    "#",
    "-",
    "1.",
    "|",
    "(",
    "!",
    "^",
    "\n",
]


@pytest.mark.parametrize("text", [ALL_KINDS, *_TRICKY])
def test_it_reads_back_as_the_same_blocks(text: str) -> None:
    book = manuscript(text, index_terms=[])
    assert shape(read_again(book)) == shape(book)


@settings(derandomize=True, max_examples=150, deadline=None)
@given(
    st.lists(
        st.sampled_from(_MARKS),
        max_size=14,
    )
)
def test_words_survive_any_mixture_of_marks(pieces: list[str]) -> None:
    book = manuscript("z " + " ".join(pieces) + " z", index_terms=[])

    def letters(of: Manuscript) -> str:
        texts = re.findall(r"text=(?:'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\")", " ".join(shape(of)))
        return re.sub(r"\s+", "", "".join(a or b for a, b in texts))

    assert letters(read_again(book)) == letters(book)


def test_the_front_matter_is_yaml() -> None:
    head = yaml.safe_load(write_markdown(manuscript()).decode().split("---\n")[1])
    assert head["title"] == "The Quiet Kettle" and head["lang"] == "en" and head["date"] == "2025-03-14"
    assert head["facts"] == {"generated_with": "built-in writer", "models": ["one", "two"]}
