"""The same manuscript gives the same bytes, also in another process with another hash seed."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

_SCRIPT = """
import asyncio, hashlib
from files_samples import manuscript, PLAIN_COVER
from scrivano.books.files import draw_cover, write_docx, write_epub, write_markdown, write_pdf
book = manuscript()
cover = draw_cover(book)
for data in (asyncio.run(write_pdf(book)), write_epub(book, cover), write_docx(book), write_markdown(book),
             cover.svg, cover.pdf, cover.png):
    print(hashlib.sha256(data).hexdigest())
"""


def test_other_processes_make_the_same_bytes() -> None:
    runs: list[str] = []
    for seed, zone in (("1", "UTC"), ("2", "Asia/Tokyo")):
        environment = os.environ | {
            "PYTHONHASHSEED": seed,
            "TZ": zone,
            "PYTHONPATH": str(Path(__file__).parent),
        }
        done = subprocess.run(
            [sys.executable, "-c", _SCRIPT], env=environment, capture_output=True, text=True, check=True
        )
        runs.append(done.stdout)
    assert runs[0] == runs[1]
    assert len(set(runs[0].split())) == 7 and len(runs[0].split()[0]) == hashlib.sha256().digest_size * 2
