"""The parts of a DOCX beside its text: styles, numbering, settings, heads and feet, relations."""

from collections.abc import Iterable
from xml.etree.ElementTree import Element

from scrivano.books.files.docx_text import Numbering, Relations
from scrivano.books.files.docx_xml import el, field, paragraph, part, raw, run, xml_part
from scrivano.books.files.languages import Language
from scrivano.books.files.trims import Look

_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPES = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_SERIF = "Georgia"
_MONO = "Courier New"


def _fonts(name: str) -> Element:
    return el("rFonts", ascii=name, hAnsi=name, cs="Times New Roman" if name == _SERIF else name)


def _size(points: float) -> list[Element]:
    return [el("sz", val=round(points * 2)), el("szCs", val=round(points * 2))]


def _style(
    name: str,
    title: str,
    shape: Iterable[Element] = (),
    look: Iterable[Element] = (),
    *,
    based: str = "Normal",
    following: str = "",
    kind: str = "paragraph",
) -> Element:
    style = el("style", el("name", val=title), type=kind, styleId=name)
    if name == "Normal":
        style.set("w:default", "1")
    elif based:
        style.append(el("basedOn", val=based))
    if following:
        style.append(el("next", val=following))
    style.append(el("qFormat"))
    shape, look = list(shape), list(look)
    if shape:
        style.append(el("pPr", *shape))
    if look:
        style.append(el("rPr", *look))
    return style


def styles(language: Language, look: Look) -> bytes:
    """styles.xml: named styles that an editor can change in one place."""
    size = look.size - 0.9
    tag = language.tag
    spoken = {"bidi": tag} if language.right_to_left else {"val": tag, "eastAsia": tag}
    root = el(
        "styles",
        el(
            "docDefaults",
            el("rPrDefault", el("rPr", _fonts(_SERIF), *_size(size), el("lang", **spoken))),
            el("pPrDefault", el("pPr", el("spacing", after=0, line=300, lineRule="auto"))),
        ),
        *_text_styles(language, size),
        *(_heading_style(level, size) for level in range(1, 6)),
        *_list_and_note_styles(size),
        _style("CodeText", "Code Text", look=[_fonts(_MONO), *_size(size - 1)], based="", kind="character"),
        _style("Hyperlink", "Hyperlink", look=[el("color", val="1F3A5F")], based="", kind="character"),
        _style(
            "FootnoteReference",
            "footnote reference",
            look=[el("vertAlign", val="superscript")],
            based="",
            kind="character",
        ),
        _table_style(),
    )
    return part(root)


def _text_styles(language: Language, size: float) -> list[Element]:
    center = el("jc", val="center")
    bidi = [el("bidi")] if language.right_to_left else []
    return [
        _style("Normal", "Normal", [el("widowControl"), *bidi]),
        _style("BodyText", "Body Text", [el("ind", firstLine=280), el("jc", val="both")]),
        _style(
            "FirstParagraph",
            "First Paragraph",
            [el("ind", firstLine=0)],
            based="BodyText",
            following="BodyText",
        ),
        _style("Title", "Title", [el("spacing", before=2600, after=240), center], _size(30)),
        _style("Subtitle", "Subtitle", [el("spacing", after=480), center], [el("i"), *_size(14)]),
        _style("Author", "Author", [center], [el("caps"), el("spacing", val=30), *_size(12)]),
        _style("HalfTitle", "Half Title", [el("spacing", before=2800), center], _size(16)),
        _style("Small", "Small", [el("spacing", after=120)], _size(size - 2)),
        _style(
            "Kicker",
            "Chapter Number",
            [el("keepNext"), el("spacing", before=1300, after=160), center],
            [el("caps"), el("spacing", val=40), *_size(size - 2)],
            following="Heading1",
        ),
        _style(
            "Quote",
            "Quote",
            [el("spacing", before=100, after=100), el("ind", left=430, right=430)],
            _size(size - 0.5),
        ),
        _style(
            "Code",
            "Code",
            [
                el("keepLines"),
                el("pBdr", el("left", val="single", sz=8, space=6, color="A6A6A6")),
                el("shd", val="clear", color="auto", fill="F4F4F4"),
                el("bidi", val=0),
                el("spacing", before=140, after=140, line=250, lineRule="auto"),
                el("jc", val="left"),
            ],
            [_fonts(_MONO), el("noProof"), *_size(size - 2.5)],
        ),
        _style("Figure", "Figure", [el("keepNext"), el("spacing", before=200, after=80), center]),
        _style("Caption", "caption", [el("spacing", after=240), center], [el("i"), *_size(size - 1)]),
        _style("SceneBreak", "Scene Break", [el("spacing", before=240, after=240), center]),
        _style(
            "Entry", "Entry", [el("spacing", after=80), el("ind", left=360, hanging=360)], _size(size - 0.5)
        ),
        _style("TOC1", "toc 1", [el("spacing", before=90)]),
        _style("TOC2", "toc 2", [el("ind", left=360)], [el("i"), *_size(size - 1)]),
        _style("Header", "header", look=_size(size - 2.5)),
        _style("Footer", "footer", [center], _size(size - 1.5)),
        _style("TableText", "Table Text", [el("spacing", before=40, after=40)], _size(size - 1.2)),
        _style("AfterTable", "After Table", [el("spacing", line=200, lineRule="exact")], _size(6)),
    ]


def _heading_style(level: int, size: float) -> Element:
    before, after, points = (
        (0, 900, 22),
        (340, 120, 13.5),
        (280, 80, size + 0.8),
        (240, 60, size),
        (220, 40, size),
    )[level - 1]
    shape = [
        el("keepNext"),
        el("keepLines"),
        el("spacing", before=before, after=after),
        el("outlineLvl", val=level - 1),
    ]
    if level == 1:
        shape.insert(3, el("jc", val="center"))
    looks: tuple[list[Element], ...] = (
        [],
        [el("b")],
        [el("b"), el("i")],
        [el("b"), el("smallCaps")],
        [el("i")],
    )
    return _style(
        f"Heading{level}",
        f"heading {level}",
        shape,
        [*looks[level - 1], *_size(points)],
        following="FirstParagraph",
    )


def _list_and_note_styles(size: float) -> list[Element]:
    return [
        _style("ListParagraph", "List Paragraph", [el("contextualSpacing", val=0)]),
        _style("ListContinue", "List Continue", [el("spacing", after=60)]),
        _style(
            "FootnoteText", "footnote text", [el("spacing", line=250, lineRule="auto")], _size(size - 1.8)
        ),
    ]


def _table_style() -> Element:
    rule = {"val": "single", "space": 0, "color": "auto"}
    head = el(
        "tblStylePr",
        el("rPr", el("b")),
        el("tcPr", el("tcBorders", el("bottom", sz=4, **rule))),
        type="firstRow",
    )
    shape = el(
        "tblPr",
        el("tblBorders", el("top", sz=8, **rule), el("bottom", sz=8, **rule)),
        el("tblCellMar", el("left", w=90, type="dxa"), el("right", w=90, type="dxa")),
    )
    style = _style("BookTable", "Book Table", based="", kind="table")
    style.extend([shape, head])
    return style


def numbering(lists: Numbering) -> bytes:
    """numbering.xml: one bulleted form, one numbered form, and an instance for every numbered list."""
    bullets = el("abstractNum", el("multiLevelType", val="hybridMultilevel"), abstractNumId=0)
    numbers = el("abstractNum", el("multiLevelType", val="hybridMultilevel"), abstractNumId=1)
    for level in range(9):
        bullet = el("lvlText", val="•–·"[level % 3])
        bullets.append(
            el(
                "lvl",
                el("start", val=1),
                el("numFmt", val="bullet"),
                bullet,
                el("lvlJc", val="left"),
                ilvl=level,
            )
        )
        number = el("lvlText", val=f"%{level + 1}.")
        numbers.append(
            el(
                "lvl",
                el("start", val=1),
                el("numFmt", val="decimal"),
                number,
                el("lvlJc", val="left"),
                ilvl=level,
            )
        )
    root = el("numbering", bullets, numbers, el("num", el("abstractNumId", val=0), numId=Numbering.BULLETS))
    for at, (start, level) in enumerate(lists.starts, Numbering.BULLETS + 1):
        override = el("lvlOverride", el("startOverride", val=start), ilvl=level)
        root.append(el("num", el("abstractNumId", val=1), override, numId=at))
    return part(root)


def settings() -> bytes:
    """settings.xml: facing pages."""
    ends = [el("footnote", id=-1), el("footnote", id=0)]
    compat = raw(
        "w:compatSetting",
        {"w:name": "compatibilityMode", "w:uri": "http://schemas.microsoft.com/office/word", "w:val": "15"},
    )
    return part(
        el(
            "settings",
            el("mirrorMargins"),
            el("autoHyphenation"),
            el("evenAndOddHeaders"),
            el("footnotePr", *ends),
            el("compat", compat),
        )
    )


def footnotes(notes: list[Element]) -> bytes:
    """footnotes.xml with the two separators that Word expects."""
    separators = [
        el("footnote", el("p", el("r", el(kind))), type=kind, id=number)
        for number, kind in ((-1, "separator"), (0, "continuationSeparator"))
    ]
    return part(el("footnotes", *separators, *notes))


def heads(title: str, width: float) -> dict[str, bytes]:
    """Heads and feet by file name: book title on the left page, chapter on the right one, folio outside."""
    right = el("tabs", el("tab", val="right", pos=round(width * 1440)))
    page = field("PAGE", [run("1")])
    chapter = field('STYLEREF "heading 1"', [run("")])
    return {
        "header-even.xml": part(el("hdr", paragraph("Header", [*page, run(f"\t{title}")], right))),
        "header-odd.xml": part(
            el("hdr", paragraph("Header", [*chapter, run("\t"), *field("PAGE", [run("1")])], right))
        ),
        "header-none.xml": part(el("hdr", paragraph("Header", []))),
        "footer-none.xml": part(el("ftr", paragraph("Footer", []))),
        "footer-first.xml": part(el("ftr", paragraph("Footer", field("PAGE", [run("1")])))),
    }


def relations(fixed: dict[str, tuple[str, str]], more: Relations | None = None) -> bytes:
    """A .rels part; `fixed` maps ids to (kind, target)."""
    root = raw("Relationships", {"xmlns": f"{_PACKAGE}/relationships"})
    for name, (kind, target) in fixed.items():
        kind = kind if kind.startswith("http") else f"{_OFFICE}/{kind}"
        root.append(raw("Relationship", {"Id": name, "Type": kind, "Target": target}))
    for (target, kind), name in (more.ids if more else {}).items():
        attributes = {"Id": name, "Type": f"{_OFFICE}/{kind}", "Target": target}
        root.append(
            raw("Relationship", attributes | ({"TargetMode": "External"} if kind == "hyperlink" else {}))
        )
    return xml_part(root)


def content_types() -> bytes:
    """[Content_Types].xml."""
    root = raw("Types", {"xmlns": f"{_PACKAGE}/content-types"})
    defaults = {
        "rels": "application/vnd.openxmlformats-package.relationships+xml",
        "xml": "application/xml",
        "png": "image/png",
        "jpg": "image/jpeg",
        "gif": "image/gif",
    }
    for extension, kind in defaults.items():
        root.append(raw("Default", {"Extension": extension, "ContentType": kind}))
    kinds = {
        "document": "document.main",
        "styles": "styles",
        "numbering": "numbering",
        "settings": "settings",
        "footnotes": "footnotes",
        "header-even": "header",
        "header-odd": "header",
        "header-none": "header",
        "footer-none": "footer",
        "footer-first": "footer",
    }
    for name, kind in kinds.items():
        root.append(raw("Override", {"PartName": f"/word/{name}.xml", "ContentType": f"{_TYPES}.{kind}+xml"}))
    core = "application/vnd.openxmlformats-package.core-properties+xml"
    root.append(raw("Override", {"PartName": "/docProps/core.xml", "ContentType": core}))
    return xml_part(root)
