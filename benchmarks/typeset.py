"""Figures of typesetting: a long book in every format, and what hostile texts do.

    python -m benchmarks.typeset [--words 100000] [--hostile 1000] [--json]

`--hostile N` sets N manuscripts made of code of all kinds, control characters, forced directions and words
without end in every format, opens each PDF and DOCX, looks for anything that could run in each EPUB, and lets
epubcheck read them all (needs Java).
"""

import argparse
import asyncio
import io
import json
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar, get_args

import docx
import pikepdf

from scrivano.books.files import (
    Cover,
    CoverDesign,
    CoverStyle,
    Manuscript,
    MissingCharacters,
    draw_cover,
    write_docx,
    write_epub,
    write_markdown,
    write_pdf,
)
from tests.unit.books.files.files_samples import ALL_KINDS, PLAIN_COVER, hostile, manuscript, prose

T = TypeVar("T")

_CHECKER = Path(__file__).resolve().parents[1] / "tests" / "unit" / "books" / "files" / "epub_jvm.py"
_DANGER = re.compile(
    rb"<(?:\w+:)?(?:script|iframe|object|embed)\b|href=\"(?!https?:|mailto:|#|[\w./-]+(?:#|\"))|\son\w+="
)


def long_book(words: int) -> Manuscript:
    """A book of about so many words in chapters of 3,300, the first with every kind of block."""
    chapters = [prose(3300, seed) for seed in range(max(1, round(words / 3300)))]
    chapters[0] = ALL_KINDS + "\n\n" + chapters[0]
    return manuscript(*chapters, index_terms=["kettle", "lantern", "river", "garden", "quiet machine"])


def timed(work: Callable[[], T]) -> tuple[float, T]:
    """Seconds and result."""
    started = time.perf_counter()
    result = work()
    return round(time.perf_counter() - started, 2), result


def speed(words: int) -> dict[str, object]:
    """Seconds per format; the memory is that of the typesetter's process at its largest."""
    book = long_book(words)
    counted = sum(len(chapter.markdown.split()) for chapter in book.chapters)
    pdf_seconds, pdf = timed(lambda: asyncio.run(write_pdf(book)))
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        pages = len(opened.pages)
    cover_seconds, cover = timed(lambda: draw_cover(book))
    return {
        "words": counted,
        "pages": pages,
        "pdf_seconds": pdf_seconds,
        "typesetter_mib": memory,
        "own_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "cover_seconds": cover_seconds,
        "epub_seconds": timed(lambda: write_epub(book, cover))[0],
        "docx_seconds": timed(lambda: write_docx(book))[0],
        "markdown_seconds": timed(lambda: write_markdown(book))[0],
    }


def attack(count: int) -> dict[str, object]:
    """Set `count` hostile manuscripts and say what came of them."""
    outcome: Counter[str] = Counter()
    styles = get_args(CoverStyle)
    with tempfile.TemporaryDirectory() as folder:
        for number in range(count):
            style: CoverStyle = styles[number % len(styles)]
            book = hostile(number).model_copy(update={"cover": CoverDesign(style=style)})
            for kind, check in _CHECKS.items():
                try:
                    check(book, Path(folder) / f"{number}.epub")
                    outcome[f"{kind} sound"] += 1
                except MissingCharacters:
                    outcome[f"{kind} named missing characters"] += 1
                except Exception as error:
                    outcome[f"{kind} FAILED"] += 1
                    print(f"manuscript {number}, {kind}: {type(error).__name__}: {error}", file=sys.stderr)
        outcome["epubcheck complaints"] = _epubcheck(sorted(Path(folder).glob("*.epub")))
    return dict(outcome)


def _check_pdf(book: Manuscript, _: Path) -> None:
    with pikepdf.open(io.BytesIO(asyncio.run(write_pdf(book)))) as pdf:
        problems = pdf.check_pdf_syntax()
        assert not problems, problems
        assert "/JavaScript" not in pdf.Root.get("/Names", {})


def _check_epub(book: Manuscript, path: Path) -> None:
    data = write_epub(book, PLAIN_COVER)
    path.write_bytes(data)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for name in archive.namelist():
            if name.endswith(".xhtml"):
                found = _DANGER.search(archive.read(name))
                assert found is None, found


def _check_docx(book: Manuscript, _: Path) -> None:
    assert docx.Document(io.BytesIO(write_docx(book))).paragraphs


def _check_markdown(book: Manuscript, _: Path) -> None:
    write_markdown(book).decode()


def _check_cover(book: Manuscript, _: Path) -> None:
    cover: Cover = draw_cover(book)
    assert b"<script" not in cover.svg


_CHECKS = {
    "pdf": _check_pdf,
    "epub": _check_epub,
    "docx": _check_docx,
    "markdown": _check_markdown,
    "cover": _check_cover,
}


def _epubcheck(files: list[Path]) -> int:
    if not files or shutil.which("java") is None:
        return 0
    done = subprocess.run([sys.executable, _CHECKER, *files], capture_output=True, text=True, check=True)
    complaints: dict[str, str] = json.loads(done.stdout.splitlines()[-1])
    for name, words in complaints.items():
        print(f"epubcheck on {Path(name).name}: {words[-400:]}", file=sys.stderr)
    return len(complaints)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--words", type=int, default=100_000)
    parser.add_argument("--hostile", type=int, default=0)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    figures = speed(options.words)
    if options.hostile:
        figures["hostile"] = attack(options.hostile)
    print(
        json.dumps(figures)
        if options.json
        else "\n".join(f"{name:>18}: {value}" for name, value in figures.items())
    )


if __name__ == "__main__":
    main()
