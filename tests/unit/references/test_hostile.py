"""Broken and hostile files: a reason each, and nothing left behind. The large ones are in the benchmark."""

import asyncio
import io
import os
import signal
import sys
from pathlib import Path

import pikepdf
import pytest

from scrivano.references.conversion import converter
from scrivano.references.conversion.converter import convert
from scrivano.references.conversion.refusal import Refused
from tests.processes import children
from tests.unit.references.hostile_files import CASES, Case, docx, pdf

BY_NAME = {case.name: case for case in CASES}
SAMPLE = [
    "entities.docx",
    "entities-utf16.docx",
    "external.docx",
    "traversal.docx",
    "locked.docx",
    "truncated.docx",
    "lying.docx",
    "picture.docx",
    "pdf.docx",
    "entities.epub",
    "entities-in-text.epub",
    "traversal-escaped.epub",
    "copy-protected.epub",
    "10000-documents.epub",
    "truncated.epub",
    "locked.pdf",
    "truncated.pdf",
    "pages-loop.pdf",
    "pictures-only.pdf",
    "deep.html",
    "deep-hidden.html",
    "external.html",
    "zeros.txt",
    "letter.rtf",
]


@pytest.mark.parametrize("case", [BY_NAME[name] for name in SAMPLE], ids=SAMPLE)
async def test_a_hostile_file_is_read_without_harm_or_refused_with_a_reason(case: Case) -> None:
    before = children()
    if case.refused is False:
        assert (await convert(case.make(), case.name, seconds=20)).words
    else:
        with pytest.raises(Refused) as caught:
            await convert(case.make(), case.name, seconds=20)
        assert case.words in caught.value.reason and caught.value.remedy
    assert children() <= before


async def test_nothing_from_outside_is_read_into_a_reference() -> None:
    read = await convert(BY_NAME["external.html"].make(), "a.html")
    assert Path("/etc/hostname").read_text().strip() not in read.text and "root:" not in read.text


async def test_a_file_that_takes_too_long_is_given_up_and_its_process_gone() -> None:
    before = children()
    with pytest.raises(Refused, match="processor time"):
        await convert(b"<p>" + b"a <b " * 2_000_000, "a.html", seconds=1)
    assert children() <= before


async def test_a_file_that_needs_too_much_memory_is_given_up() -> None:
    with pytest.raises(Refused, match="memory"):
        await convert(b"some words of text " * 2_000_000, "a.txt", memory=200_000_000)


async def test_a_cancelled_conversion_leaves_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    started: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    async def talk(child: asyncio.subprocess.Process, raw: bytes) -> tuple[bytes, bytes]:
        started.set_result(child.pid)
        await asyncio.Event().wait()
        return b"", b""

    monkeypatch.setattr(converter, "_talk", talk)
    task = asyncio.create_task(convert(b"Words.", "a.txt"))
    pid = await started
    assert pid in children()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert pid not in children()


async def test_the_reader_ends_when_the_process_that_started_it_is_killed() -> None:
    """The parent is a process of its own here, which starts a reader that waits for its file, and is killed."""
    code = (
        "import os, subprocess, sys\n"
        "child = subprocess.Popen([sys.executable, '-I', '-m', 'scrivano.references.conversion.child', 'a.txt',"
        " '900000000', '50', str(os.getpid())], stdin=int(sys.argv[1]))\n"
        "print(child.pid, flush=True)\n"
        "child.wait()\n"
    )
    read, write = os.pipe()
    parent = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", code, str(read)),
        pass_fds=[read],
        stdout=asyncio.subprocess.PIPE,
    )
    assert parent.stdout is not None
    pid = int(await parent.stdout.readline())
    pidfd = os.pidfd_open(pid)
    os.kill(parent.pid, signal.SIGKILL)
    await parent.wait()
    ended = asyncio.Event()
    asyncio.get_running_loop().add_reader(pidfd, ended.set)
    async with asyncio.timeout(30):
        await ended.wait()
    asyncio.get_running_loop().remove_reader(pidfd)
    for handle in (read, write, pidfd):
        os.close(handle)


async def test_a_pdf_gives_its_words_with_pages() -> None:
    content = b"BT /F1 20 Tf 72 760 Td (The Lighthouse) Tj /F1 11 Tf 0 -40 Td (Ada keeps the lamp burn-) Tj 0 -13 Td (ing all night.) Tj ET"
    read = await convert(pdf(2, content), "a.pdf")
    assert read.text.startswith("# The Lighthouse\n\nAda keeps the lamp burning all night.")
    assert read.title == "The Lighthouse" and read.media_type == "application/pdf"
    assert [p.page for p in read.passages] == [1, 2]
    assert all(read.text[p.start : p.end].startswith("Ada") for p in read.passages)


async def test_running_heads_and_page_numbers_are_left_out() -> None:
    def page(number: int) -> bytes:
        return (
            b"BT /F1 9 Tf 72 800 Td (The Lighthouse Book) Tj /F1 11 Tf 0 -60 Td (Page text that is new %s.) Tj"
            b" 0 -600 Td (%d) Tj ET" % (b"abcdefgh"[number : number + 1], number)
        )

    whole = pikepdf.new()
    for number in range(6):
        whole.pages.extend(pikepdf.open(io.BytesIO(pdf(1, page(number)))).pages)
    out = io.BytesIO()
    whole.save(out)
    read = await convert(out.getvalue(), "a.pdf")
    assert "Lighthouse Book" not in read.text and read.text.count("Page text") == 6
    assert not any(line.strip().isdigit() for line in read.text.splitlines())


async def test_a_word_file_is_read_as_before() -> None:
    read = await convert(docx(), "a.docx")
    assert read.text == "Some words of text."
