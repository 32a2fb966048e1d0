"""Reading parts of ZIP packages within limits, and XML without declarations that could expand."""

import io
import posixpath
import zipfile
import zlib
from types import TracebackType
from typing import Self
from urllib.parse import unquote
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from scrivano.references.conversion.refusal import DAMAGED, Refused

MAX_UNPACKED = 200_000_000
"""Bytes that all parts of a package that are read may come to."""


class Package:
    """A ZIP file whose parts are read by name, never written anywhere. What unpacks to too much is Refused."""

    def __init__(self, raw: bytes, kind: str) -> None:
        self._kind = kind
        self._left = MAX_UNPACKED
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(raw))
        except (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError, OSError) as error:
            raise self._damaged() from error
        self._names = frozenset(self._zip.namelist())
        # Nothing is written anywhere, so they could do no harm here; an honest program writes none.
        for name in self._names:
            if name.startswith("/") or "\\" in name or ".." in name.split("/"):
                raise _outside(name, kind)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._zip.close()

    def __contains__(self, name: str) -> bool:
        return name in self._names

    def read(self, name: str) -> bytes:
        """The bytes of a part. Raises Refused where it is missing, locked, damaged or too large."""
        if name not in self._names:
            raise self._damaged()
        if self._zip.getinfo(name).flag_bits & 0x1:
            raise Refused("The file is locked with a password.", "Save a copy without the password.")
        try:
            # The size in the directory may lie: no more than what is left is ever unpacked.
            with self._zip.open(name) as stream:
                raw = stream.read(self._left + 1)
        except (
            zipfile.BadZipFile,
            zlib.error,
            NotImplementedError,
            EOFError,
            RuntimeError,
            OSError,
        ) as error:
            raise self._damaged() from error
        if len(raw) > self._left:
            raise Refused(
                f"The file unpacks to more than {MAX_UNPACKED // 1_000_000} MB.",
                "Split it, or leave out what is not needed.",
            )
        self._left -= len(raw)
        return raw

    def xml(self, name: str, *, doctype: bool = False) -> Element:
        """The root of a part that is XML. Entities, external references and, unless allowed, a document type
        are Refused."""
        try:
            return fromstring(self.read(name), forbid_dtd=not doctype)
        except DefusedXmlException as error:
            raise Refused(
                f"The file's {posixpath.basename(name)} declares a document type or entities, which are not read.",
                "Open it in its program and save it anew.",
            ) from error
        except (ParseError, ValueError, LookupError) as error:
            raise self._damaged() from error

    def _damaged(self) -> Refused:
        return Refused(DAMAGED.format(kind=self._kind))


def inside(base: str, href: str, kind: str) -> str:
    """The name of the part that `href` means in the folder `base`. Raises Refused for one outside the package."""
    path = unquote(href.partition("#")[0])
    joined = posixpath.normpath(posixpath.join(base, path))
    if joined.startswith(("../", "/")) or joined == ".." or "\\" in joined or ":" in path.split("/")[0]:
        raise _outside(href, kind)
    return joined


def _outside(name: str, kind: str) -> Refused:
    return Refused(
        f"The {kind} file names a part outside of itself ({name[:80]}).", "Take a copy from another source."
    )
