"""The folder of a site: read freely, written whole or not at all, and in a dry run only noted."""

import os
import tempfile
from hashlib import sha256
from pathlib import Path

from scrivano.core.errors import InvalidInput, OperationalError
from scrivano.publishing.dto import Planned

_LARGEST = 2 * 1024 * 1024
_MOST = 20_000


class Folder:
    """Files below `root`. Paths are relative, with slashes."""

    def __init__(self, root: Path, *, dry: bool) -> None:
        self._root = root
        self._dry = dry
        self.planned: list[Planned] = []

    def place(self, path: str) -> Path:
        """Where a file is. Raises InvalidInput for a path that leads out of the folder."""
        parts = path.split("/")
        if any(part in ("", ".", "..") or "\0" in part or part.startswith(".") for part in parts):
            raise InvalidInput(f"{path!r} is no path within the site.", field="folder")
        return self._root.joinpath(*parts)

    def write(self, path: str, content: bytes, summary: str) -> None:
        """Put a file there in place of one that was."""
        place = self.place(path)
        self.planned.append(_planned(path, content, summary))
        if self._dry:
            return
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            _replace(place, content)
        except OSError as error:
            raise OperationalError(
                f"{place} cannot be written: {error.strerror}.",
                field="folder",
                remedy="Let Scrivano write there, or name another folder.",
            ) from error

    def remove(self, path: str, summary: str) -> None:
        """Take a file away, if it is there."""
        self.planned.append(Planned(kind="file", summary=summary, method="DELETE", place=path))
        if not self._dry:
            self.place(path).unlink(missing_ok=True)

    def search(self, below: str, line: str) -> list[str]:
        """The Markdown files below a path whose beginning has this line."""
        start = self.place(below)
        found: list[str] = []
        for number, path in enumerate(sorted(start.rglob("*.md")) if start.is_dir() else []):
            if number >= _MOST:
                break
            if _has(path, line):
                found.append(path.relative_to(self._root).as_posix())
        return found

    def there(self, path: str) -> bool:
        """Whether a file is there."""
        return self.place(path).is_file()


def _has(path: Path, line: str) -> bool:
    try:
        if path.stat().st_size > _LARGEST:
            return False
        head = path.read_text(encoding="utf-8").split("\n---", 1)[0]
    except (OSError, UnicodeDecodeError):
        return False
    return line in head.splitlines()


def _planned(path: str, content: bytes, summary: str) -> Planned:
    try:
        body = content.decode()
    except UnicodeDecodeError:
        body = f"{len(content)} bytes, SHA-256 {sha256(content).hexdigest()}"
    return Planned(kind="file", summary=summary, method="PUT", place=path, body=body)


def _replace(place: Path, content: bytes) -> None:
    handle, name = tempfile.mkstemp(dir=place.parent, prefix=".scrivano-")
    beside = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.chmod(0o644)
        beside.replace(place)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
