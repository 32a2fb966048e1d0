"""The chapter's own heading, repeated at the top of its text in whatever dress: the book sets it itself."""

import re
import unicodedata

from scrivano.books.scaffolding.judging import is_crumb

_NUMBER = (
    r"(?:\d{1,3}|[ivxlc]{1,7}|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen"
    r"|sixteen|seventeen|eighteen|nineteen|twenty(?:[- ]\w+)?|thirty|first|second|third|fourth|fifth|last"
    r"|eins|zwei|drei|vier|fünf|sechs|sieben|acht|neun|zehn|elf|zwölf|dreizehn|vierzehn|fünfzehn"
    r"|uno|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|once|doce|primero|segundo|tercero"
    r"|un|deux|trois|quatre|cinq|sept|huit|neuf|dix|onze|douze|premier|première|deuxième|troisième)"
)
_CHAPTER = r"(?:chapter|chap|ch|kapitel|kap|cap[ií]tulo|cap|chapitre)\.?"
_NUMBERED = re.compile(
    rf"(?:{_CHAPTER}\s*(?:no\.?|nº|n°|nr\.?|#)?\s*{_NUMBER}|{_NUMBER}[.]?\s+(?:kapitel|chapter)"
    rf"|(?:part|teil|parte|partie|section|abschnitt|sección|lesson|lektion)\s+{_NUMBER}|#?\d{{1,3}}(?=\s*[.:)\-–—|/]))"
    r"(?!\w)\s*[:.)\-–—|,/]*\s*"
)
_ONLY_CHAPTER = re.compile(
    rf"(?:{_CHAPTER}\s*(?:no\.?|nº|n°|nr\.?|#)?\s*{_NUMBER}(?:\s*(?:of|von|de|sur|/)\s*\d+)?"
    rf"|{_NUMBER}[.]?\s+kapitel)\W*"
)
_LABEL = re.compile(
    r"(?:(?:chapter|kapitel|capítulo|chapitre|book|section)[ -]?)?(?:title|titel|título|titre|heading|überschrift)"
    r"(?: (?:del capítulo|du chapitre))?\s*[:=]\s*"
)
_SUFFIX = re.compile(
    r"[\s,:(\[–—-]*(?:continued|cont\.?|cont'd|revised|rewritten|updated|draft|final|full|complete|version|part|teil|parte|"
    r"partie|fortsetzung|fortgesetzt|überarbeitet|entwurf|continuación|continúa|revisado|borrador|suite|révisé|"
    rf"brouillon|text|chapter|\d{{1,2}}|v\d|of|de|von|sur|[,\s/])*(?:{_CHAPTER}\s*\d+)?[\s)\].:–—-]*"
)
_MARKUP = re.compile(r"<[^<>\n]{1,80}>|[#*_=~`“”„\"«»‹›\[\]{}]|\\(?=\W)")
_HEADING_MARK = re.compile(
    r"\s{0,3}(?:#{1,6}\s|\*{1,3}\S|_{1,3}\S|<(?:h\d|title|b|strong|center)\b|=+\s*\S|\[)", re.IGNORECASE
)
_RULE = re.compile(r"\s*(?:(?:[-*_=~•·–—]\s*){3,}|⁂)\s*")
_BYLINE = re.compile(r"[\s*_]*(?:by|von|por|par|written by|de)\s+(?:[A-Z\[][\w.'’\]-]*\s*){1,4}[\s*_]*")
_END_OF = re.compile(
    rf"(?:the )?(?:end|ende|fin|final)(?: of| von| des| der| de| del| du)?\s*:?\s*"
    rf"(?:(?:the )?{_CHAPTER}\s*(?:\d+)?\s*[:,–—-]?\s*)?"
)
TOP = 6  # lines within which a heading counts as being at the top
_RUN_IN = re.compile(r"\s*(\*{1,3}|_{1,3})(?P<title>[^*_\n]{1,120})\1[ \t]*[.:–—-]?[ \t]*(?=\S)")
_CONTINUED = re.compile(
    r"continued|cont\.|cont'd|fortsetzung|fortgesetzt|continuación|continúa|suite", re.IGNORECASE
)


def without_title(text: str, title: str) -> tuple[str, list[str]]:
    """The text from behind the last heading at its top that names this chapter, and the lines that went."""
    end = 0
    position = seen = 0
    wanted = _core(title)
    for line in text.splitlines(keepends=True):
        start, position = position, position + len(line)
        bare = line.strip()
        if not bare:
            continue
        seen += 1
        if seen > TOP or len(bare) > 200:
            break
        if _names_chapter(bare, title, wanted):
            end = position
        elif _RULE.fullmatch(bare) or (end and (_BYLINE.fullmatch(bare) or is_crumb(bare))):
            end = position if end else 0
        elif not _HEADING_MARK.match(line) or len(bare.split()) > 14 or (start == 0 and not wanted):
            break
    if end:
        return text[end:].strip(), [text[:end].strip()]
    return _without_run_in(text, wanted)


def is_restart(line: str, title: str) -> bool:
    """Whether a line between paragraphs is the chapter's heading come again: "## Driftwood (continued)"."""
    bare = line.strip()
    if "\n" in bare or len(bare) > 200 or not _HEADING_MARK.match(bare):
        return False
    wanted, core = _core(title), _plain(bare)
    if _ONLY_CHAPTER.match(core) and _CONTINUED.search(core):
        return len(core.split()) < 12
    if not wanted or wanted not in core:
        return False
    numbered = _NUMBERED.match(core)
    return bool(_is_title(core[numbered.end() :] if numbered else core, wanted)) and bool(
        numbered or _CONTINUED.search(core)
    )


def marks_end(line: str, title: str) -> bool:
    """Whether a line says no more than that the chapter of this title ends here."""
    wanted, core = _core(title), _plain(line).strip(" .:–—-()")
    match = _END_OF.match(core)
    return bool(wanted and match) and _is_title(core[match.end() :] if match else "", wanted)


def _names_chapter(line: str, title: str, wanted: str) -> bool:
    core = _plain(line)
    if _ONLY_CHAPTER.fullmatch(core):
        return True
    if not wanted:
        return False
    labelled = _LABEL.match(core)
    if labelled:
        return _is_title(core[labelled.end() :], wanted)
    numbered = _NUMBERED.match(core)
    if numbered and _is_title(core[numbered.end() :], wanted):
        return True
    if not _is_title(core, wanted):
        return False
    # Without markup or number a line that ends like a sentence may be the first one of the story.
    return (
        bool(_HEADING_MARK.match(line)) or line == title.strip() or line.isupper() or line[-1] not in ".!?…"
    )


def _is_title(core: str, wanted: str) -> bool:
    rest = core.strip(" .:–—-")
    if rest == wanted:
        return True
    return rest.startswith(wanted) and _SUFFIX.fullmatch(rest, len(wanted)) is not None


def _without_run_in(text: str, wanted: str) -> tuple[str, list[str]]:
    first = text.split("\n", 1)[0]
    numbered = _NUMBERED.match(first.casefold()) if wanted and len(first.casefold()) == len(first) else None
    if numbered and first.casefold().startswith(wanted, numbered.end()):
        after = re.compile(r"\s*[.:–—-]+\s+(?=\S)").match(first, numbered.end() + len(wanted))
        if after:
            return text[after.end() :].strip(), [text[: after.end()].strip()]
    match = _RUN_IN.match(text)
    if match and wanted:
        core = _plain(match["title"])
        numbered = _NUMBERED.match(core)
        if _is_title(core[numbered.end() :] if numbered else core, wanted):
            return text[match.end() :].strip(), [match[0].strip()]
    return text, []


def _plain(line: str) -> str:
    text = unicodedata.normalize("NFKC", _MARKUP.sub("", line)).casefold()
    return " ".join(text.replace("’", "'").split())


def _core(title: str) -> str:
    core = _plain(title).strip(" .:–—-")
    numbered = _NUMBERED.match(core)
    return core[numbered.end() :].strip(" .:–—-") or core if numbered else core
