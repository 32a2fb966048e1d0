"""Splitting prose into sentences, for any language that ends them with a sign.

Rules, no model: a sign of ending counts unless what stands before it is an abbreviation, an initial or the
number of a list, or what comes after it cannot begin a sentence. Splitting never happens inside brackets,
inline code or a link.
"""

import re

from scrivano.references.wordlists import word_set

_END = re.compile(
    r"""(?P<sign>[.!?…‽؟।։]+)(?P<close>["'”’»›)\]}*_`]*)(?=\s|$)|(?P<wide>[。！？．｡]+[」』”’）】》]*)"""
)
_LAST_WORD = re.compile(r"[^\s(\[{\"“„«]+$")
_CLOSED = re.compile(r"(`+)(?:(?!\1).)+\1|\[[^\[\]]*\]\([^()\s]*\)|\([^()]{1,400}\)|（[^（）]{1,400}）")

_ALWAYS = word_set("""
    mr mrs ms dr prof rev hon st sr jr gen col maj capt lt sgt gov sen rep pres messrs mme mlle hr fr dr
    ing
""")
_NUMBERED = word_set("""
    no nr nos vol vols ch chap sec sect fig figs p pp pg pag art eq ed eds ver v vs cf ca approx nº núm
""")
_SOMETIMES = word_set("""
    e.g i.e a.k.a viz al etc usw bzw z.b d.h u.a o.ä evtl ggf inkl exkl max min vgl s.o s.u bzgl p.ex
    c.-à-d p.ej ej aprox sig es ecc resp incl excl est dept univ assn bros co corp inc ltd jan feb mar
    apr jun jul aug sep sept oct nov dec mon tue tues wed thu thur thurs fri sat sun ft in oz lb lbs sq
    hrs min mins
""")
_NEVER_LAST = frozenset(
    {"e.g", "i.e", "z.b", "d.h", "p.ex", "p.ej", "c.-à-d", "viz", "cf", "vgl", "vs", "bzw", "ca"}
)
_MONTHS = word_set("""
    januar februar märz april mai juni juli august september oktober november dezember jänner ledna
    února března dubna května června července srpna září října listopadu prosince
""")


def split_sentences(text: str) -> list[str]:
    """The sentences of one paragraph, each without space around it; joined by spaces they are the paragraph.

    White space is taken as one space. Text without a sign of ending is one sentence. Between sentences of
    scripts that write none (Chinese, Japanese) joining adds a space.
    """
    text = " ".join(text.split())
    if not text:
        return []
    closed = [(m.start(), m.end()) for m in _CLOSED.finditer(text)]
    sentences: list[str] = []
    begin, span = 0, 0
    for match in _END.finditer(text):
        while span < len(closed) and closed[span][1] <= match.start():
            span += 1
        inside = span < len(closed) and closed[span][0] < match.start() < closed[span][1] - 1
        if inside or not _ends(text, begin, match):
            continue
        sentence = text[begin : match.end()].strip()
        if sentence:
            sentences.append(sentence)
        begin = match.end()
    rest = text[begin:].strip()
    if rest:
        sentences.append(rest)
    return sentences


def _ends(text: str, begin: int, match: re.Match[str]) -> bool:
    if match.end() == len(text) or match.group("wide"):
        return True
    after = text[match.end() :].lstrip()
    opening = after.lstrip("\"'“‘„«‹([{*_`¿¡—–- ")
    first = opening[:1]
    sign = match.group("sign")
    if first.islower() or first in {",", ";", ":"}:
        return False
    if sign != "." or match.group("close"):
        return True
    found = _LAST_WORD.search(text, begin, match.start())
    word = found.group().lstrip("*_`'‘’").lower() if found else ""
    return not _is_abbreviation(word, found.group() if found else "", first, opening)


def _is_abbreviation(word: str, raw: str, first: str, after: str) -> bool:
    if word in _ALWAYS or word in _NEVER_LAST:
        return True
    if word in _NUMBERED and first.isdigit():
        return True
    if word in _SOMETIMES:
        # Such a word may end a sentence; it does if a common opening word follows.
        return not _opens(after)
    if len(raw) == 1 and raw.isalpha() and raw.isupper() and raw != "I":
        return not _opens(after)
    if re.fullmatch(r"(?:[a-z]\.)+[a-z]", word):
        return not _opens(after)
    if len(raw) == 1 and raw.isalpha() and re.match(r"[^\W\d]\.", after):
        return True
    if word.isdigit() and len(word) <= 2:
        return after.split(" ", 1)[0].strip(".,;").lower() in _MONTHS
    return False


_OPENERS = word_set("""
    the a an this that these those it they he she we you i there here in on at for from with if when
    while after before but and so then however since as to most many some few all each every no not by
    what why how who where der die das ein eine es sie er wir ich wenn aber und so dann in im le la les
    un une il elle on nous el los las se si pero
""")


def _opens(after: str) -> bool:
    return after.split(" ", 1)[0].strip("\"'“”‘’.,;:!?*_").lower() in _OPENERS
