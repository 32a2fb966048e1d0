"""Finding and reading the author's reference files, without leaving the folders that were named."""

import asyncio
import errno
import hashlib
import os
import re
import stat
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from scrivano.core.errors import InvalidInput
from scrivano.references.conversion.converter import convert
from scrivano.references.conversion.refusal import Refused
from scrivano.references.conversion.sniffing import READABLE
from scrivano.references.decoding import NotTextError, decode
from scrivano.references.dto import Reference
from scrivano.references.html_in import html_to_markdown
from scrivano.references.markdown_in import clean_markdown, plain_to_markdown
from scrivano.references.stemming import count_words
from scrivano.references.titles import title_of

MAX_BYTES = 50_000_000
MAX_FILES = 500
FIELD = "references"

_MARKDOWN = frozenset({".md", ".markdown", ".mdown", ".mkd"})
_HTML = frozenset({".html", ".htm", ".xhtml"})
_PACKAGES = frozenset({".docx", ".pdf", ".epub"})
_KNOWN = _MARKDOWN | _HTML | _PACKAGES | {".txt", ".text"}
_NOT_YET = {".doc": "old Word", ".odt": "OpenDocument", ".rtf": "RTF"}
_GLOB = re.compile(r"[*?\[]")


async def read_references(
    patterns: Sequence[str], base: Path, *, named: Sequence[Path] = ()
) -> list[Reference]:
    """Read the files that `patterns` name below `base`, then those that the person `named` outright.

    A pattern is a file, a folder (all files of a known kind in it, by name) or a glob; it may not lead out of
    `base`, not by `..`, an absolute path or a symbolic link. `named` paths, from a command line, may lie
    anywhere, but nothing in a named folder may lead out of that folder. The same file, or another with the
    same bytes, is read once. A relative `named` path starts at the working directory.

    Raises InvalidInput (field "references") for what is missing, unreadable, empty, not text, larger than
    50 MB (which is refused before it is read), or outside.
    """
    found: dict[str, Reference] = {}
    for path, name in await asyncio.to_thread(lambda: list(_find(list(patterns), base, list(named)))):
        reference = await _read_one(path, name)
        found.setdefault(reference.sha256, reference)
    return list(found.values())


def _find(patterns: list[str], base: Path, named: list[Path]) -> Iterator[tuple[Path, str]]:
    """Each file once, as its resolved path and the name it goes by."""
    seen: set[Path] = set()
    for path, root in _candidates(patterns, base, named):
        resolved = _inside(path, root)
        if resolved in seen:
            continue
        seen.add(resolved)
        if len(seen) > MAX_FILES:
            raise InvalidInput(
                f"More than {MAX_FILES} reference files are named.", field=FIELD, remedy="Name fewer files."
            )
        try:
            yield resolved, path.relative_to(root).as_posix()
        except ValueError:
            yield resolved, resolved.name


def _candidates(patterns: list[str], base: Path, named: list[Path]) -> Iterator[tuple[Path, Path]]:
    """Files with the folder that they must not leave."""
    root = base.resolve()
    for pattern in patterns:
        if "\x00" in pattern or not pattern.strip():
            raise InvalidInput(f"{pattern!r} is no path.", field=FIELD, remedy="Name a file or a folder.")
        if Path(pattern).is_absolute() or ".." in Path(pattern).parts:
            raise _outside(pattern, root)
        if _GLOB.search(pattern) and not (root / pattern).exists():
            matches = sorted(path for path in root.glob(pattern) if path.is_file())
            if not matches:
                raise _missing(pattern, root)
            yield from ((path, root) for path in matches)
        else:
            yield from ((path, root) for path in _files_of(root / pattern, root, pattern))
    for path in named:
        full = Path(os.path.abspath(path))  # noqa: PTH100 - resolve() would follow the link that is to be judged
        top = full if full.is_dir() else full.parent
        # What a person names outright may itself be a link; what lies in a named folder may not lead out.
        own = full.resolve() if not full.is_dir() else full
        root_of = top.resolve() if full.is_dir() else own.parent
        start = root_of if full.is_dir() else own
        yield from ((found, root_of) for found in _files_of(start, root_of, str(path)))


def _files_of(path: Path, root: Path, said: str) -> list[Path]:
    if not path.exists():
        raise _missing(said, root)
    if not path.is_dir():
        return [path]
    _inside(path, root)
    try:
        files = sorted(p for p in path.rglob("*") if p.suffix.lower() in _KNOWN and p.is_file())
    except OSError as error:
        raise _unreadable(said, error) from None
    if not files:
        raise InvalidInput(
            f"The folder {said} holds no file that can be read.", field=FIELD, remedy=f"Read are {READABLE}."
        )
    return files


def _inside(path: Path, root: Path) -> Path:
    try:
        resolved = path.resolve(strict=True)
    except (OSError, RuntimeError) as error:
        if isinstance(error, OSError) and error.errno in (errno.ENOENT, errno.ENOTDIR):
            raise _missing(str(path), root) from None
        raise InvalidInput(
            f"{path} cannot be followed: {error}.", field=FIELD, remedy="Name the file."
        ) from None
    if not resolved.is_relative_to(root):
        raise _outside(str(path), root)
    return resolved


async def _read_one(path: Path, name: str) -> Reference:
    suffix = path.suffix.lower()
    if suffix in _NOT_YET:
        raise InvalidInput(
            f"{name} is a {_NOT_YET[suffix]} file, which cannot be read as a reference.",
            field=FIELD,
            remedy=f"Save it as DOCX, Markdown or text; read are {READABLE}.",
        )
    raw = await asyncio.to_thread(_read_bytes, path, name)
    if not raw.strip():
        raise _empty(name)
    return await _converted(raw, name) if suffix in _PACKAGES else await asyncio.to_thread(_text, raw, name)


async def _converted(raw: bytes, name: str) -> Reference:
    """A file of a format that is read in a process of its own."""
    try:
        read = await convert(raw, name)
    except Refused as refused:
        raise InvalidInput(f"{name}: {refused.reason}", field=FIELD, remedy=refused.remedy) from None
    return Reference(
        name=name,
        title=read.title,
        named=read.declared["title"],
        author=read.declared["author"],
        media_type=read.media_type,
        sha256=hashlib.sha256(raw).hexdigest(),
        words=read.words,
        text=read.text,
        language=read.language,
        page_starts=read.page_starts,
    )


def _text(raw: bytes, name: str) -> Reference:
    media_type, clean = _reader(Path(name).suffix.lower())
    try:
        text = clean(decode(raw))
    except NotTextError:
        raise InvalidInput(
            f"{name} is not text (or a damaged file).", field=FIELD, remedy=f"Read are {READABLE}."
        ) from None
    words = count_words(text)
    if not words:
        raise _empty(name)
    return Reference(
        name=name,
        title=title_of(text, name),
        media_type=media_type,
        sha256=hashlib.sha256(raw).hexdigest(),
        words=words,
        text=text,
    )


def _reader(suffix: str) -> tuple[str, Callable[[str], str]]:
    if suffix in _MARKDOWN:
        return "text/markdown", clean_markdown
    if suffix in _HTML:
        return "text/html", html_to_markdown
    return "text/plain", plain_to_markdown


def _read_bytes(path: Path, name: str) -> bytes:
    """The bytes of a regular file of bearable size; the size is asked of the open file, before reading."""
    try:
        # Without waiting: opening a named pipe would block until somebody writes to it.
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError as error:
        raise _unreadable(name, error) from None
    with os.fdopen(handle, "rb") as file:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            raise InvalidInput(f"{name} is not a file.", field=FIELD, remedy="Name a file or a folder.")
        if status.st_size > MAX_BYTES:
            raise _too_large(name, status.st_size)
        try:
            raw = file.read(MAX_BYTES + 1)
        except OSError as error:
            raise _unreadable(name, error) from None
    if len(raw) > MAX_BYTES:
        raise _too_large(name, len(raw))
    return raw


def _missing(said: str, root: Path) -> InvalidInput:
    where = "" if Path(said).is_absolute() else f" in {root}"
    return InvalidInput(
        f"There is no {said}{where}.",
        field=FIELD,
        remedy="Check the path; one that a brief names starts at the brief's own folder.",
    )


def _outside(said: str, root: Path) -> InvalidInput:
    return InvalidInput(
        f"{said} lies outside {root}.",
        field=FIELD,
        remedy="Copy the file into that folder, or name it with --references on the command line.",
    )


def _empty(name: str) -> InvalidInput:
    return InvalidInput(f"{name} holds no words.", field=FIELD, remedy="Fill it, or leave it out.")


def _too_large(name: str, size: int) -> InvalidInput:
    return InvalidInput(
        f"{name} has {size / 1e6:,.0f} MB; at most {MAX_BYTES // 1_000_000} MB are read.",
        field=FIELD,
        remedy="Split it, or leave out what the book does not need.",
    )


def _unreadable(name: str, error: OSError) -> InvalidInput:
    return InvalidInput(
        f"{name} cannot be read: {error.strerror or error}.", field=FIELD, remedy="Check its permissions."
    )
