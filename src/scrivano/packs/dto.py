"""What `packs` takes and gives: the files of a pack (format 1), its samples, and the feature's errors."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from scrivano.core.errors import Conflict, InvalidInput, NotFound


class PackNotFound(NotFound):
    """There is no such domain or niche."""


class BrokenPack(InvalidInput):
    """The pack's files are not in order."""


class PackInTheWay(Conflict):
    """There is something in the folder already."""


# --- files ----------------------------------------------------------------------------------------

FORMAT = 1
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]
Sentences = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2_000)]


class _File(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class NicheFile(_File):
    """A niche, as `[[niche]]` in pack.toml."""

    slug: Slug = Field(description="Name of the niche's folder.")
    name: Line
    icon: Line = Field(description="Name of a Lucide icon.")
    order: int = Field(default=1, description="Place in the list, lowest first.")
    description: Line = Field(description="One sentence.")
    keywords: tuple[Line, ...] = Field(min_length=1, description="8 to 15 words that people search for.")


class PackFile(_File):
    """A domain: pack.toml."""

    format: Literal[1] = Field(description="Version of this file format.")
    slug: Slug = Field(description="The domain's name in addresses and briefs.")
    name: Line
    icon: Line = Field(description="Name of a Lucide icon.")
    order: int = Field(default=1, description="Place in the list, lowest first.")
    version: Annotated[str, StringConstraints(pattern=r"^\d+\.\d+\.\d+$")] = Field(
        description="The pack's own version, such as 1.2.0."
    )
    language: Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$")] = Field(
        description="Language of the samples, BCP 47."
    )
    license: Line = Field(description="SPDX identifier of the samples' licence.")
    description: Line = Field(description="One sentence.")
    niche: tuple[NicheFile, ...] = Field(min_length=1)


class OutlineChapterFile(_File):
    """A chapter of an outline, as `[[chapter]]`."""

    title: Line
    summary: Sentences = Field(description="One or two sentences: what the reader gets.")
    points: tuple[Line, ...] = Field(min_length=1, description="4 to 6 phrases of 4 to 14 words.")


class OutlineFile(_File):
    """An outline sample: <niche>/outlines/<name>.toml."""

    title: Line
    subtitle: Annotated[str, StringConstraints(strip_whitespace=True, max_length=300)] = ""
    audience: Line
    tone: Line
    summary: Sentences = Field(description="Two or three sentences.")
    chapter: tuple[OutlineChapterFile, ...] = Field(min_length=1)


class ChapterHead(_File):
    """The head of a chapter sample: the lines between `+++` in <niche>/chapters/<name>.md."""

    title: Line
    audience: Line
    tone: Line
    topics: tuple[Line, ...] = Field(min_length=1, description="4 to 8 key phrases.")
    summary: Sentences = Field(description="One sentence.")


class ChapterFile(ChapterHead):
    """A chapter sample with its Markdown body."""

    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


# --- samples and lists ----------------------------------------------------------------------------


class _View(BaseModel):
    model_config = ConfigDict(frozen=True)


class OutlineChapter(_View):
    """A chapter of an outline sample."""

    title: str
    summary: str
    points: tuple[str, ...]


class OutlineSample(_View):
    """A book's plan. `id` is `domain/niche/outlines/name`; `hash` identifies this very content."""

    id: str
    title: str
    subtitle: str
    audience: str
    tone: str
    summary: str
    chapters: tuple[OutlineChapter, ...]
    hash: str


class ChapterSample(_View):
    """A chapter. `text` is its Markdown body, `words` its length; `hash` identifies this very content."""

    id: str
    title: str
    audience: str
    tone: str
    topics: tuple[str, ...]
    summary: str
    text: str
    words: int
    hash: str


Sample = OutlineSample | ChapterSample
SampleKind = Literal["outline", "chapter"]


class DomainView(_View):
    """A domain that books can be written in, with what it was trained on."""

    slug: str
    name: str
    icon: str
    order: int
    version: str
    language: str
    license: str
    description: str
    origin: Literal["shipped", "installed"]
    niches: int
    outlines: int
    chapters: int


class NicheView(_View):
    """A niche of a domain, with the number of its samples."""

    domain: str
    slug: str
    name: str
    icon: str
    order: int
    description: str
    keywords: tuple[str, ...]
    outlines: int
    chapters: int


class Finding(_View):
    """Something in a pack's files. An error keeps the pack from being installed, a warning doesn't."""

    severity: Literal["error", "warning"]
    where: str
    message: str


class LoadReport(_View):
    """What loading changed, by domain."""

    loaded: tuple[str, ...] = ()
    left_alone: tuple[str, ...] = ()
    unchanged: bool = False
