"""A reference as it was read, and the passages it falls into."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

PassageKind = Literal["paragraph", "list", "table", "quote", "code"]


class Reference(BaseModel):
    """A file of the author's own, as Markdown.

    `name` is its path below the folder it was named in; `sha256` is that of the file's bytes, not of `text`.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    title: str = Field(description="Its first heading of the first level, else made from the file's name.")
    media_type: str
    sha256: str
    words: int
    text: str


class Passage(BaseModel):
    """One paragraph, list, table, quotation or piece of code of a reference, under its headings.

    `text` is `reference.text[start:end]`; `headings` go from the outermost to the innermost. Passages of one
    section follow on each other, and `id` (`name#number`) counts them from 1 in the order of the text.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    source: str
    source_title: str
    headings: list[str]
    text: str
    start: int
    end: int
    kind: PassageKind = "paragraph"
