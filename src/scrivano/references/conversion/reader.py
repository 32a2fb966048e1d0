"""The whole of a conversion, as it happens in the child's process."""

import re
from collections.abc import Callable
from typing import Any

from scrivano.references.conversion.declared import declared_in
from scrivano.references.conversion.epub_in import epub_to_markdown
from scrivano.references.conversion.pdf_in import page_of, pdf_to_markdown
from scrivano.references.conversion.refusal import Refused
from scrivano.references.conversion.sniffing import MEDIA_TYPES, READABLE, Format, recognise
from scrivano.references.decoding import NotTextError, decode
from scrivano.references.docx_in import docx_to_markdown
from scrivano.references.html_in import html_to_markdown
from scrivano.references.languages import language_of
from scrivano.references.markdown_in import clean_markdown, plain_to_markdown
from scrivano.references.passages import passages_of
from scrivano.references.stemming import count_words
from scrivano.references.titles import title_of

MAX_PASSAGES = 100_000
_ENOUGH_WORDS = 150

# What PostgreSQL and JSON cannot hold. One character stands for one, so that offsets stay true.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")

_TEXTS: dict[Format, Callable[[bytes], str]] = {
    "markdown": lambda raw: clean_markdown(decode(raw)),
    "text": lambda raw: plain_to_markdown(decode(raw)),
    "html": lambda raw: html_to_markdown(decode(raw)),
    "docx": docx_to_markdown,
    "epub": epub_to_markdown,
}


def _language(text: str, words: int, declared: str) -> str:
    """That of the words, where there are enough of them to tell; else what the file says."""
    found = language_of(text)
    return found if found and (words >= _ENOUGH_WORDS or not declared) else declared[:2].lower()


def read_file(raw: bytes, name: str) -> dict[str, Any]:
    """The file as the parent gets it: text, page starts, passages, title, language, words. Raises Refused."""
    if not raw.strip():
        raise Refused("The file is empty.", "Upload one with words in it.")
    form = recognise(raw, name)
    pages: list[int] = []
    try:
        if form == "pdf":
            text, pages = pdf_to_markdown(raw)
        else:
            text = _TEXTS[form](raw)
    except NotTextError:
        raise Refused(
            "The file is not text.", f"Save it in one of the formats that are read: {READABLE}."
        ) from None
    text = _UNSTORABLE.sub("\ufffd", text)
    words = count_words(text)
    if not words:
        raise Refused("The file holds no words.", "Upload one with words in it.")
    declared = declared_in(raw, form)
    # Word files are named anew by whoever saves them as something else; their headings are what is seen.
    title = declared["title"] if form == "epub" else ""
    title = title or title_of(text, name, declared["title"])
    passages = passages_of(name, title, text)
    if not passages:
        raise Refused("The file holds headings only.", "Upload one with text in it.")
    if len(passages) > MAX_PASSAGES:
        raise Refused(
            f"The file falls into {len(passages):,} paragraphs; at most {MAX_PASSAGES:,} are kept.",
            "Split it into several files.",
        )
    return {
        "media_type": MEDIA_TYPES[form],
        "title": title[:500],
        "text": text,
        "words": words,
        "language": _language(text, words, declared["language"] if form == "epub" else ""),
        "declared": declared,
        "page_starts": pages,
        "passages": [
            [p.start, p.end, p.kind, [h[:500] for h in p.headings], page_of(pages, p.start)] for p in passages
        ],
    }
