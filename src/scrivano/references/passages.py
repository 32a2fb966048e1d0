"""References as passages: one a block, each under its headings."""

import re
from bisect import bisect_right

from scrivano.references.blocks import split_blocks
from scrivano.references.dto import Passage, Reference


def split_passages(reference: Reference) -> list[Passage]:
    """The passages of `reference` in the order of its text; headings are not passages but stand on each."""
    passages = passages_of(reference.name, reference.title, reference.text)
    if reference.id is None and not reference.page_starts:
        return passages
    return [_of_reference(passage, reference) for passage in passages]


def _of_reference(passage: Passage, reference: Reference) -> Passage:
    starts = reference.page_starts
    return passage.model_copy(
        update={
            "reference_id": reference.id,
            "page": bisect_right(starts, passage.start) if starts else None,
            "from_chapter": reference.passages_from_chapter.get(passage.number, reference.from_chapter),
        }
    )


def passages_of(source: str, source_title: str, text: str) -> list[Passage]:
    """The passages of any Markdown `text` that goes by `source`.

    A first heading of the first level that only repeats the title of the whole is left out of `headings`.
    """
    passages: list[Passage] = []
    path: list[tuple[int, str]] = []
    for block in split_blocks(text):
        if block.kind == "heading":
            path = [entry for entry in path if entry[0] < block.level]
            if block.text and not (block.level == 1 and _plain(block.text) == _plain(source_title)):
                path.append((block.level, block.text))
        elif block.kind != "skip":
            passages.append(
                Passage(
                    id=f"{source}#{len(passages) + 1}",
                    source=source,
                    source_title=source_title,
                    headings=[heading for _, heading in path],
                    text=block.text,
                    start=block.start,
                    end=block.end,
                    kind=block.kind,
                    number=len(passages) + 1,
                )
            )
    return passages


def _plain(text: str) -> str:
    return re.sub(r"[\W_]+", " ", text).strip().casefold()
