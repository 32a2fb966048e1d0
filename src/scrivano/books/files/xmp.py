"""Writes a book's facts into the XMP metadata of its PDF, as a minimal incremental update."""

import json
import re
from xml.sax.saxutils import escape

from pydantic import JsonValue

from scrivano.books.files.clean import clean_text
from scrivano.books.files.manuscript import Manuscript, TypesettingError

NAMESPACE = "urn:scrivano:facts#"
_PREFIX = "scrivano"


def fact_items(facts: dict[str, JsonValue]) -> list[tuple[str, str]]:
    """Facts as (XML name, text) in order of name: strings as they are, all else as JSON with sorted keys."""
    items: dict[str, str] = {}
    for key, value in facts.items():
        name = re.sub(r"[^A-Za-z0-9_.-]", "_", key)
        name = name if re.match(r"[A-Za-z_]", name) else f"_{name}"
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)
        items[name] = clean_text(text)
    return sorted(items.items())


def with_facts(pdf: bytes, manuscript: Manuscript) -> bytes:
    """`pdf` with the manuscript's facts and identifier in its XMP, under the prefix `scrivano`.

    PDF/A wants every foreign property described, so the description is written beside it. Raises
    TypesettingError if the PDF is not laid out as our typesetter does it.
    """
    facts = [("identifier", clean_text(manuscript.identifier)), *fact_items(manuscript.facts)]
    found = re.search(
        rb"(\d+) 0 obj\n<</Length \d+/Type/Metadata/Subtype/XML>>\nstream\n(.*?)\nendstream", pdf, re.DOTALL
    )
    trailer = re.search(rb"trailer\n<<(/Size \d+.*?)>>\nstartxref\n(\d+)\n%%EOF\s*$", pdf[-4096:], re.DOTALL)
    if found is None or trailer is None:
        raise TypesettingError("The typesetter's PDF has no XMP metadata where it is expected.")
    xmp = _with_properties(found[2].decode(), facts).encode()
    number = int(found[1])
    start = len(pdf) + 1
    body = b"%d 0 obj\n<</Length %d/Type/Metadata/Subtype/XML>>\nstream\n%s\nendstream\nendobj\n" % (
        number,
        len(xmp),
        xmp,
    )
    return b"".join(
        (
            pdf,
            b"\n",
            body,
            b"xref\n0 0\n%d 1\n%010d 00000 n\r\n" % (number, start),
            b"trailer\n<<%s/Prev %s>>\nstartxref\n%d\n%%%%EOF\n"
            % (trailer[1], trailer[2], start + len(body)),
        )
    )


def _with_properties(xmp: str, facts: list[tuple[str, str]]) -> str:
    described = "".join(
        '<rdf:li rdf:parseType="Resource"><pdfaProperty:category>external</pdfaProperty:category>'
        f"<pdfaProperty:description>Fact about how the book was made: {name}</pdfaProperty:description>"
        f"<pdfaProperty:name>{name}</pdfaProperty:name><pdfaProperty:valueType>Text</pdfaProperty:valueType>"
        "</rdf:li>"
        for name, _ in facts
    )
    schema = (
        '<rdf:li rdf:parseType="Resource"><pdfaSchema:schema>Scrivano facts</pdfaSchema:schema>'
        f"<pdfaSchema:namespaceURI>{NAMESPACE}</pdfaSchema:namespaceURI>"
        f"<pdfaSchema:prefix>{_PREFIX}</pdfaSchema:prefix>"
        f"<pdfaSchema:property><rdf:Seq>{described}</rdf:Seq></pdfaSchema:property></rdf:li>"
    )
    values = "".join(f"<{_PREFIX}:{name}>{escape(value)}</{_PREFIX}:{name}>" for name, value in facts)
    description = f'<rdf:Description rdf:about="" xmlns:{_PREFIX}="{NAMESPACE}">{values}</rdf:Description>'
    bag_end = "</rdf:Bag></pdfaExtension:schemas>"
    if bag_end not in xmp or "</rdf:RDF>" not in xmp:
        raise TypesettingError("The typesetter's XMP metadata is not laid out as expected.")
    return xmp.replace(bag_end, schema + bag_end, 1).replace("</rdf:RDF>", description + "</rdf:RDF>", 1)
