"""What typesetting takes and gives: the manuscript, the cover, and the errors that name what is wrong."""

import datetime as dt
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from scrivano.core.errors import InvalidInput, OperationalError

CoverStyle = Literal["minimalist", "futuristic", "playful", "elegant", "corporate", "artistic"]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_bytes="base64", val_json_bytes="base64")


class CoverDesign(_Frozen):
    """How the cover looks. Colours and composition within a style are drawn from the title."""

    style: CoverStyle = "minimalist"


class ManuscriptChapter(_Frozen):
    """One chapter. `markdown` is CommonMark with tables, footnotes and strikethrough; HTML in it is text."""

    title: str
    markdown: str


class Manuscript(_Frozen):
    """Everything that goes into the files of one book. Equal manuscripts give equal bytes in every format."""

    title: str
    subtitle: str = ""
    author: str = ""
    language: str = Field(default="en", description="BCP 47 tag, such as en, de-CH or zh-Hant.")
    date: dt.date = Field(description="Date of the files; no clock is read.")
    description: str = ""
    trim: str = Field(default="6x9", description="Width x height in inches, or A4, A5, B5, pocket, trade …")
    chapters: list[ManuscriptChapter]
    copyright: list[str] = Field(default_factory=list[str], description="Plain paragraphs.")
    colophon: list[str] = Field(default_factory=list[str], description="Plain paragraphs.")
    bibliography: list[str] = Field(default_factory=list[str], description="Entries in inline Markdown.")
    index_terms: list[str] = Field(default_factory=list[str], description="Terms to look up in the text.")
    cover: CoverDesign = CoverDesign()
    images: dict[str, bytes] = Field(
        default_factory=dict[str, bytes], description="Image bytes by the address that the Markdown uses."
    )
    facts: dict[str, JsonValue] = Field(
        default_factory=dict[str, JsonValue],
        description="What wrote the book: into PDF (XMP) and EPUB (OPF).",
    )
    identifier: str = Field(description="A URN such as urn:uuid:…")


class Cover(_Frozen):
    """A drawn front cover: `png` and `svg` are 1600 × 2560 px, `pdf` is one page in trim size."""

    svg: bytes
    pdf: bytes
    png: bytes


class MissingCharacter(_Frozen):
    """A character (with its combining marks) that no available font can show, and where it stands first."""

    character: str
    code_points: str
    name: str
    where: str


class NothingToTypeset(InvalidInput):
    """The manuscript has no chapter."""


class UnknownTrim(InvalidInput):
    """This trim size is not known."""


class UnknownLanguage(InvalidInput):
    """This is not a language tag."""


class MissingImage(InvalidInput):
    """A chapter shows an image that was not given."""


class UnusableImage(InvalidInput):
    """An image cannot be read."""


class MissingCharacters(InvalidInput):
    """No available font has some of the book's characters."""

    def __init__(self, missing: list[MissingCharacter]) -> None:
        """`missing` says which characters and where they stand first."""
        self.missing = missing
        shown = "; ".join(f"{m.code_points} {m.name} (in {m.where})" for m in missing[:8])
        more = f"; and {len(missing) - 8} more" if len(missing) > 8 else ""
        super().__init__(
            f"No available font can show {len(missing)} character(s) of this book: {shown}{more}.",
            remedy="Put a font that has them (for Chinese, Japanese and Korean: Noto Serif CJK) into the "
            "`fonts` folder of Scrivano's data folder, or take the characters out.",
        )


class TypesettingError(OperationalError):
    """The typesetter could not make the file."""
