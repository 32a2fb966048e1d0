"""Broken and hostile files, each made by a function of its own, and whether reading them ends in a refusal."""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass

import pikepdf

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
MEGABYTE = 1_000_000
PNG = b"\x89PNG\r\n\x1a\n" + bytes(200)
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
LAUGHS = f'<!DOCTYPE d [<!ENTITY l0 "lol">{LAUGHS}]>'
OUTSIDE = '<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/hostname">]>'


@dataclass(frozen=True)
class Case:
    """`refused` is False where the file can be read without harm, None where that is the standard library's to
    decide; `words` must be in the reason."""

    name: str
    make: Callable[[], bytes]
    words: str = ""
    refused: bool | None = True
    quick: bool = True


def zipped(parts: dict[str, bytes | str], *, level: int = 6) -> bytes:
    """A ZIP file of these parts."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return packed.getvalue()


def bomb(name: str, megabytes: int = 260) -> bytes:
    """A ZIP file whose one part unpacks to so much."""
    packed = io.BytesIO()
    package = zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=1)
    with package, package.open(name, "w", force_zip64=True) as part:
        for _ in range(megabytes):
            part.write(bytes(MEGABYTE))
    return packed.getvalue()


def with_part(package: bytes, other: bytes) -> bytes:
    """The parts of both ZIP files in one."""
    merged = io.BytesIO(package)
    with (
        zipfile.ZipFile(merged, "a", zipfile.ZIP_DEFLATED, compresslevel=1) as to,
        zipfile.ZipFile(io.BytesIO(other)) as frm,
    ):
        for name in frm.namelist():
            with frm.open(name) as source, to.open(name, "w", force_zip64=True) as part:
                while piece := source.read(MEGABYTE):
                    part.write(piece)
    return merged.getvalue()


def docx(body: str = "<w:p><w:r><w:t>Some words of text.</w:t></w:r></w:p>", head: str = "") -> bytes:
    """A DOCX file with this body."""
    return zipped(
        {"word/document.xml": f'{head}<w:document xmlns:w="{W}"><w:body>{body}</w:body></w:document>'}
    )


def epub(
    documents: dict[str, str] | None = None, head: str = "", opf: str = "O/p.opf", **parts: str
) -> bytes:
    """An EPUB file with these documents in its spine."""
    documents = (
        documents if documents is not None else {"a.xhtml": "<html><body><p>Some words.</p></body></html>"}
    )
    items = "".join(
        f'<item id="i{n}" href="{name}" media-type="application/xhtml+xml"/>'
        for n, name in enumerate(documents)
    )
    order = "".join(f'<itemref idref="i{n}"/>' for n in range(len(documents)))
    container = f'<container><rootfiles><rootfile full-path="{opf}"/></rootfiles></container>'
    return zipped(
        {
            "mimetype": "application/epub+zip",
            "META-INF/container.xml": container,
            "O/p.opf": f"{head}<package><manifest>{items}</manifest><spine>{order}</spine></package>",
            **{f"O/{name}": text for name, text in documents.items() if ".." not in name and name[0] != "/"},
            **parts,
        }
    )


def pdf(
    pages: int = 1, content: bytes = b"BT /F1 12 Tf 72 700 Td (Some words of text.) Tj ET", **how: object
) -> bytes:
    """A PDF file with so many pages that share one content."""
    made = pikepdf.new()
    font = made.make_indirect(
        pikepdf.Dictionary(
            Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica
        )
    )
    stream = made.make_stream(content)
    for _ in range(pages):
        page = made.add_blank_page(page_size=(595, 842))
        page.obj.Contents = stream
        page.obj.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
    out = io.BytesIO()
    made.save(out, **how)  # type: ignore[arg-type]
    return out.getvalue()


def raw_pdf(*objects: bytes) -> bytes:
    """A PDF file of these objects, the first of which is its root."""
    out = bytearray(b"%PDF-1.7\n")
    places: list[int] = []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, start)
    return bytes(out)


def stream_bomb() -> bytes:
    """A page whose content unpacks to a gigabyte."""
    squeezed = zlib.compressobj(1)
    data = b"".join(squeezed.compress(b" " * MEGABYTE) for _ in range(1000)) + squeezed.flush()
    return raw_pdf(
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 4 0 R >>",
        b"<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream" % (len(data), data),
    )


def looping_pages() -> bytes:
    """A tree of pages that holds itself."""
    return raw_pdf(
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 99999 /Parent 2 0 R >>",
    )


def locked_zip(package: bytes) -> bytes:
    """The same with every part marked as encrypted."""
    raw = bytearray(package)
    at = 0
    while (at := raw.find(b"PK\x01\x02", at)) >= 0:
        raw[at + 8] |= 1
        at += 4
    at = 0
    while (at := raw.find(b"PK\x03\x04", at)) >= 0:
        raw[at + 6] |= 1
        at += 4
    return bytes(raw)


def lying_zip(package: bytes) -> bytes:
    """The same with sizes of 10 bytes in its directory."""
    raw = bytearray(package)
    at = 0
    while (at := raw.find(b"PK\x01\x02", at)) >= 0:
        raw[at + 24 : at + 28] = struct.pack("<I", 10)
        at += 4
    return bytes(raw)


def broken_sum(package: bytes) -> bytes:
    """The same with check sums that are not right."""
    raw = bytearray(package)
    at = 0
    while (at := raw.find(b"PK\x01\x02", at)) >= 0:
        raw[at + 16 : at + 20] = b"\xde\xad\xbe\xef"
        at += 4
    return bytes(raw)


def half(content: bytes) -> bytes:
    """The first half."""
    return content[: len(content) // 2]


DEEP = "<w:p>" * 150_000 + "<w:r><w:t>Deep.</w:t></w:r>" + "</w:p>" * 150_000
ROWS = "<w:tr><w:tc/></w:tr>" * 40_000
WIDE = f"<w:tbl><w:tr>{'<w:tc><w:p><w:r><w:t>x</w:t></w:r></w:p></w:tc>' * 40_000}</w:tr>{ROWS}</w:tbl>"
DRM = (
    '<encryption><EncryptedData><EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#aes128-cbc"/>'
    "</EncryptedData></encryption>"
)
XHTML = '<html xmlns="http://www.w3.org/1999/xhtml"><body><p>Words &l9; here.</p></body></html>'

CASES = [
    Case("bomb.docx", lambda: bomb("word/document.xml"), "unpacks", quick=False),
    Case("entities.docx", lambda: docx("<w:p><w:r><w:t>&l9;</w:t></w:r></w:p>", LAUGHS), "entities"),
    Case(
        "entities-utf16.docx",
        lambda: zipped(
            {
                "word/document.xml": (
                    f'<?xml version="1.0" encoding="UTF-16"?>{LAUGHS}<w:document xmlns:w="{W}"><w:body>&l9;</w:body></w:document>'
                ).encode("utf-16")
            }
        ),
        "entities",
    ),
    Case("entities-late.docx", lambda: docx(head=f"<!--{'x' * 5000}-->{LAUGHS}"), "entities"),
    Case("external.docx", lambda: docx("<w:p><w:r><w:t>&x;</w:t></w:r></w:p>", OUTSIDE), "entities"),
    Case(
        "quadratic.docx",
        lambda: docx("&a;" * 50_000, f'<!DOCTYPE d [<!ENTITY a "{"a" * 50_000}">]>'),
        "entities",
    ),
    Case("traversal.docx", lambda: with_part(docx(), zipped({"../../../etc/cron.d/x": "x"})), "outside"),
    Case("absolute.docx", lambda: with_part(docx(), zipped({"/etc/cron.d/x": "x"})), "outside"),
    Case("deep.docx", lambda: docx(DEEP), refused=False),
    Case("wide-table.docx", lambda: docx(WIDE), "memory"),
    Case("locked.docx", lambda: locked_zip(docx()), "password"),
    Case("ole.docx", lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(3000), "password"),
    Case("truncated.docx", lambda: half(docx()), "damaged"),
    Case(
        "truncated-xml.docx",
        lambda: zipped({"word/document.xml": f'<w:document xmlns:w="{W}"><w:bo'}),
        "damaged",
    ),
    Case("lying.docx", lambda: lying_zip(docx("<w:p/>" * 9000)), "damaged"),
    Case("sum.docx", lambda: broken_sum(docx()), "damaged"),
    Case("empty-zip.docx", lambda: zipped({}), "neither"),
    Case(
        "many-parts.docx",
        lambda: zipped({f"a{n}": "" for n in range(10_001)} | {"word/document.xml": ""}),
        "parts",
    ),
    Case("picture.docx", lambda: PNG, "picture"),
    Case("pdf.docx", pdf, "PDF"),
    Case("program.docx", lambda: b"\x7fELF" + bytes(500), "program"),
    Case("bomb.epub", lambda: with_part(epub({"a.xhtml": "x"}), bomb("O/b.xhtml", 1)), refused=False),
    Case(
        "bomb-in-spine.epub",
        lambda: with_part(epub({"a.xhtml": "x", "b/../b.xhtml": "y"}), bomb("O/b.xhtml")),
        "unpacks",
        quick=False,
    ),
    Case("entities.epub", lambda: epub(head=LAUGHS), "entities"),
    Case("external.epub", lambda: epub(head=OUTSIDE), "entities"),
    Case("entities-in-text.epub", lambda: epub({"a.xhtml": LAUGHS + XHTML}), refused=False),
    Case("traversal.epub", lambda: epub({"../../../../etc/passwd": ""}), "outside"),
    Case("traversal-escaped.epub", lambda: epub({"%2e%2e/%2e%2e/%2e%2e/etc/passwd": ""}), "outside"),
    Case("absolute.epub", lambda: epub({"/etc/passwd": ""}), "outside"),
    Case("file-url.epub", lambda: epub({"file:///etc/passwd": ""}), "outside"),
    Case("container-outside.epub", lambda: epub(opf="../../etc/passwd"), "outside"),
    Case("copy-protected.epub", lambda: epub(**{"META-INF/encryption.xml": DRM}), "protection"),
    Case("locked.epub", lambda: locked_zip(epub()), "password"),
    Case("10000-documents.epub", lambda: epub({f"{n}.xhtml": "<p>a</p>" for n in range(9_000)}), "documents"),
    Case("no-spine.epub", lambda: epub({}), "reading order"),
    Case("missing.epub", lambda: epub(opf="O/q.opf"), "damaged"),
    Case("truncated.epub", lambda: half(epub()), "damaged"),
    Case("zip.epub", lambda: zipped({"a.txt": "a"}), "neither"),
    Case("text.epub", lambda: b"Just text.", "EPUB"),
    Case("10000-pages.pdf", lambda: pdf(10_000), "pages", quick=False),
    Case("locked.pdf", lambda: pdf(encryption=pikepdf.Encryption(owner="o", user="u")), "password"),
    Case("truncated.pdf", lambda: half(pdf(3)), "damaged"),
    Case("header-only.pdf", lambda: b"%PDF-1.7\n%%EOF", "damaged"),
    Case("noise.pdf", lambda: b"%PDF-1.7\n" + bytes((n * 7919) % 251 for n in range(100_000)), "damaged"),
    Case("pages-loop.pdf", looping_pages),
    Case(
        "deep-arrays.pdf", lambda: raw_pdf(b"<< /Type /Catalog /Pages " + b"[" * 200_000 + b" >>"), "damaged"
    ),
    Case("stream-bomb.pdf", stream_bomb, quick=False),
    Case("pictures-only.pdf", lambda: pdf(content=b"0 0 9 9 re f"), "pictures"),
    Case("picture.pdf", lambda: PNG, "picture"),
    Case("docx.pdf", docx, "DOCX"),
    Case("deep.html", lambda: b"<div>" * 300_000 + b"Deep." + b"</div>" * 300_000, refused=False),
    Case("deep-lists.html", lambda: b"<ul><li>a" * 30_000, refused=False),
    Case("deep-quotes.html", lambda: b"<blockquote>a" * 30_000, refused=False),
    Case("deep-hidden.html", lambda: b"<svg>" * 30_000 + b"</object>" * 30_000, "no words"),
    Case("entities.html", lambda: f"{LAUGHS}<p>Words &l9; here.</p>".encode(), refused=False),
    Case(
        "external.html",
        lambda: f'{OUTSIDE}<p>Words &x;.</p><iframe src="file:///etc/passwd">'.encode(),
        refused=False,
    ),
    Case(
        "wide-table.html",
        lambda: b"<table><tr>" + b"<td>a" * 40_000 + b"<tr><td>" * 40_000 + b"</table>",
        refused=False,
    ),
    Case("open-comments.html", lambda: b"<p>Words.</p>" + b"<!--" * 200_000, refused=None, quick=False),
    Case("open-tags.html", lambda: b"<p>Words.</p>" + b"<a " * 100_000, refused=None, quick=False),
    Case("declarations.html", lambda: b"<p>Words.</p>" + b"<![" * 50_000, refused=None),
    Case("picture.html", lambda: PNG, "picture"),
    Case("zeros.html", lambda: bytes(1000), "not text"),
    Case("zeros.txt", lambda: bytes(MEGABYTE), "not text"),
    Case("empty.txt", lambda: b"", "empty"),
    Case("brackets.md", lambda: b"[" * 400_000 + b" word", refused=False, quick=False),
    Case("pointed.md", lambda: b"<!--" * 100_000 + b" word", quick=False),
    Case("paragraphs.md", lambda: b"a b\n\n" * 150_000, "paragraphs"),
    Case("old.doc", lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(900), "Word"),
    Case("letter.rtf", lambda: b"{\\rtf1 words}", "RTF"),
    Case("sheet.xlsx", lambda: zipped({"xl/workbook.xml": "<a/>"}), "neither"),
]
