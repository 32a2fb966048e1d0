"""Starts the typesetter's process and turns its refusals into our errors."""

import asyncio
import base64
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from scrivano.books.files.languages import Language
from scrivano.books.files.manuscript import TypesettingError, UnusableImage

_CHILD = Path(__file__).parent / "typst_child.py"
_MEMORY = 4 * 1024**3
_SECONDS = 240
_LATIN_FIRST = [
    "EB Garamond",
    "Libertinus Serif",
    "Amiri",
    "Noto Sans Symbols 2",
    "Noto Emoji",
    "Source Code Pro",
]


def families_for(language: Language) -> list[str]:
    """The bundled text faces in the order in which a book of this language asks them for a glyph."""
    first = None
    if language.script == "Arab" or (language.right_to_left and language.code not in {"he", "yi"}):
        first = "Amiri"
    elif language.right_to_left:
        first = "Libertinus Serif"
    return _LATIN_FIRST if first is None else [first, *(f for f in _LATIN_FIRST if f != first)]


def new_job(
    kind: str,
    data: dict[str, Any],
    language: Language,
    files: dict[str, bytes],
    font_dirs: Sequence[Path],
    timestamp: int,
) -> dict[str, Any]:
    """A job for the child with what all jobs have; `timestamp` is in seconds since 1970."""
    return {
        "kind": kind,
        "data": data,
        "language": language.code,
        "traditional": language.script == "Hant" or language.region in {"TW", "HK", "MO"},
        "families": families_for(language),
        "files": {name: base64.b64encode(content).decode() for name, content in files.items()},
        "font_dirs": [str(folder) for folder in font_dirs],
        "timestamp": timestamp,
        "memory": _MEMORY,
        "seconds": _SECONDS,
    }


async def typeset(job: dict[str, Any]) -> dict[str, Any]:
    """Run a job without blocking the loop; cancelling kills the child. Raises as typeset_now does."""
    child = await asyncio.create_subprocess_exec(
        *_command(),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        out, err = await child.communicate(json.dumps(job).encode())
    except BaseException:
        if child.returncode is None:
            child.kill()
            await child.wait()
        raise
    return _result(child.returncode or 0, out, err)


def typeset_now(job: dict[str, Any]) -> dict[str, Any]:
    """Run a job and wait for it. Raises UnusableImage or TypesettingError."""
    done = subprocess.run(_command(), input=json.dumps(job).encode(), capture_output=True, check=False)
    return _result(done.returncode, done.stdout, done.stderr)


def _command() -> list[str]:
    # -I: neither the environment nor the working folder decides what the child imports.
    return [sys.executable, "-I", str(_CHILD)]


def _result(code: int, out: bytes, err: bytes) -> dict[str, Any]:
    if code == 0:
        return json.loads(out)
    if code == 3:
        refusal = json.loads(out)
        reason = str(refusal["error"])
        if "image" in reason or "SVG" in reason:
            raise UnusableImage(
                f"An image of the book cannot be read: {reason}",
                field="images",
                remedy="Save it again as PNG or JPEG.",
            )
        error = TypesettingError(
            f"The typesetter refused the book: {reason[:500]}", remedy="; ".join(refusal["hints"]) or None
        )
        error.add_note(str(refusal["diagnostic"]))
        raise error
    if code < 0:
        raise TypesettingError(
            f"The typesetter was stopped by signal {-code}: the book needs more than {_SECONDS} s of "
            f"processor time or {_MEMORY // 1024**3} GiB of memory.",
            remedy="Split very large tables, code blocks or images.",
        )
    tail = err.decode(errors="replace").strip().splitlines()[-1:] or ["no message"]
    raise TypesettingError(f"The typesetter ended with code {code}: {tail[0]}")
