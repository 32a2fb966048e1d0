"""Manuscripts that the typesetting tests share."""

import datetime as dt
import random
import struct
import zlib
from typing import Any

from scrivano.books.files import Cover, Manuscript, ManuscriptChapter

ALL_KINDS = """\
The opening says "quotation marks" and has a note.[^a] It goes on with *emphasis*, **strength**, ***both***,
~~struck words~~, `inline_code()` and [a link](https://example.org/path?x=1&y=2).

A second paragraph mentions the kettle and the same note.[^a]

## A section of *importance*

> A quotation in a block.
>
> > A quotation within it.

1. First item
2. Second item
   - nested bullet
     1. nested deeper

7. Loose item

   with a second paragraph

### A lower heading

| Tool | What it does | Price |
|:-----|:------------:|------:|
| Sieve | Sorts the *kettles* | 12.00 |
| Lantern | Shows `where` it stopped | 120.00 |

```python
def greet(name):
    return f"<b>{name}</b> & co"
```

![A grey square](square.png "Figure 1. A square")

A line with ![a tiny square](square.png) within it.

***

After the break the text goes on,\\
with a forced line break. See [the section](#a-section-of-importance).

[^a]: A footnote with *emphasis* and [a link](https://example.com).

    Its second paragraph.
"""


def png(width: int = 12, height: int = 8, grey: int = 120) -> bytes:
    """A grey PNG."""
    rows = (b"\0" + bytes((grey, grey, grey)) * width) * height

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


PLAIN_COVER = Cover(svg=b"", pdf=b"", png=png(160, 256))


def prose(words: int, seed: int = 1) -> str:
    """Paragraphs of made-up sentences."""
    choice = random.Random(seed)
    vocabulary = (
        "morning kettle letter answer window quiet machine garden number river paper evening story small"
    )
    out: list[str] = []
    while words > 0:
        paragraph: list[str] = []
        for _ in range(choice.randint(3, 6)):
            length = choice.randint(8, 18)
            paragraph.append(" ".join(choice.choices(vocabulary.split(), k=length)).capitalize() + ".")
            words -= length
        out.append(" ".join(paragraph))
    return "\n\n".join(out)


def manuscript(*chapters: str, **changes: Any) -> Manuscript:
    """A manuscript with these chapters (by default one of all kinds of blocks and two of prose)."""
    texts = chapters or (ALL_KINDS, prose(900, 2), prose(1500, 3))
    names = ["The First Morning", "Of Kettles and Lanterns", "What Remained"]
    values: dict[str, Any] = {
        "title": "The Quiet Kettle",
        "subtitle": "A book for testing",
        "author": "Ada Lovelace-Brontë",
        "date": dt.date(2025, 3, 14),
        "description": "Everything that a book may hold.",
        "identifier": "urn:uuid:5f2d0a5e-7d0b-4c1e-9b39-000000000001",
        "chapters": [
            ManuscriptChapter(title=names[i] if i < 3 else f"Chapter {i + 1}", markdown=text)
            for i, text in enumerate(texts)
        ],
        "copyright": ["The Quiet Kettle", "© 2025 Ada Lovelace-Brontë"],
        "colophon": ["Written by the built-in writer."],
        "bibliography": ["Doe, J. (2019). *On Kettles*. <https://example.org/kettles>"],
        "index_terms": ["kettle", "lantern", "absent term"],
        "images": {"square.png": png()},
        "facts": {"generated_with": "built-in writer", "models": ["one", "two"]},
    }
    return Manuscript(**(values | changes))


_PIECES = [
    '#eval("1+1")', "#{1/0}", "#set page(fill: red)", '#read("/etc/passwd")', "$ x^2 $", "<script>alert(1)</script>",
    "<![CDATA[", "x ]]> y", "<!-- x -->", "&amp;", "&#0;", "&#x1F600;", "<b>", "</html>", "*a*", "_b_", "`c`", "**",
    "[x](javascript:alert(1))", "[x](file:///etc/passwd)", "![x](square.png)", "[^1]", "# H", "> q", "- - -",
    "|a|b|", "\\", "\u202eevil\u202c", "\u2066iso\u2069", "\u200f", "\u200b", "\ufeff", "\x00", "\x1b[31m", "\u2028",
    "\ud800", "\ufffe", "😀", "👩‍🚀", "🏳️‍🌈", "🇩🇪", "1️⃣", "e\u0301\u0323", "Z\u0351\u036b\u0313", "ﷺ", "العربية", "עברית",
    "Ελληνικά", "Русский", "ﬁ", "ɪʃ", "√∞≈", "─┼─", "☑", "a" * 60, "x" * 400, "https://example.org/" + "a" * 80,
    "Donaudampfschifffahrtselektrizitätenhauptbetriebswerk", "\t", "\n", "\n\n", "---", "+++", '"', "'", "%PDF-1.7",
    "{{x}}", "${7*7}", "../..", "1.", "999999999.", "####### z", "~~~", "```", "~~s~~", "===", "=1+1",
    '" \\* MERGEFORMAT', "\u00a0", "\u3000", "\u00ad", "\u0300",
]  # fmt: skip
LANGUAGES = ["en", "de", "fr", "ar", "ru", "he", "pt-BR", "en-GB", "tr", "cy"]


def hostile(number: int) -> Manuscript:
    """The `number`-th manuscript made of what breaks typesetters: code, controls, directions, long words."""
    choice = random.Random(number)

    def text(most: int) -> str:
        pieces = (
            choice.choice(_PIECES) + choice.choice(("", " ", " ")) for _ in range(choice.randint(1, most))
        )
        return "".join(pieces)

    return manuscript(
        title=text(6),
        subtitle=text(4),
        author=text(3),
        language=choice.choice(LANGUAGES),
        description=text(5),
        copyright=[text(5)],
        colophon=[text(5)],
        bibliography=[text(6)],
        index_terms=[text(2) for _ in range(3)],
        facts={text(2): text(3)},
        chapters=[
            ManuscriptChapter(title=text(4), markdown="\n\n".join(text(14) for _ in range(6)))
            for _ in range(choice.randint(1, 3))
        ],
    )
