"""What a language changes in a book: the words of its furniture, direction, quotation marks."""

import re
import unicodedata
from dataclasses import dataclass

from scrivano.books.files.manuscript import UnknownLanguage

_TAG = re.compile(
    r"(?P<language>[A-Za-z]{2,3})(-(?P<script>[A-Za-z]{4}))?(-(?P<region>[A-Za-z]{2}|\d{3}))?(-[A-Za-z0-9]{1,8})*"
)
_RIGHT_TO_LEFT = {"ar", "arc", "ckb", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi"}
_RIGHT_TO_LEFT_SCRIPTS = {"Arab", "Hebr", "Syrc", "Thaa", "Nkoo"}
_NO_WORD_SPACES = {"ja", "zh", "th", "lo", "km", "my"}


@dataclass(frozen=True, slots=True)
class Labels:
    """The words that the book's furniture uses."""

    contents: str
    chapter: str
    notes: str
    bibliography: str
    index: str
    colophon: str
    copyright: str
    cover: str


@dataclass(frozen=True, slots=True)
class Language:
    """A BCP 47 tag taken apart. `quotes` are outer and inner opening and closing marks."""

    tag: str
    code: str
    script: str | None
    region: str | None
    right_to_left: bool
    joins_lines: bool
    quotes: tuple[str, str, str, str]
    labels: Labels


_LABELS: dict[str, tuple[str, ...]] = {
    "en": ("Contents", "Chapter", "Notes", "Bibliography", "Index", "Colophon", "Copyright", "Cover"),
    "de": ("Inhalt", "Kapitel", "Anmerkungen", "Literatur", "Register", "Kolophon", "Impressum", "Umschlag"),
    "fr": (
        "Table des matières",
        "Chapitre",
        "Notes",
        "Bibliographie",
        "Index",
        "Colophon",
        "Mentions légales",
        "Couverture",
    ),
    "es": (
        "Índice",
        "Capítulo",
        "Notas",
        "Bibliografía",
        "Índice alfabético",
        "Colofón",
        "Créditos",
        "Cubierta",
    ),
    "it": (
        "Indice",
        "Capitolo",
        "Note",
        "Bibliografia",
        "Indice analitico",
        "Colophon",
        "Copyright",
        "Copertina",
    ),
    "pt": ("Sumário", "Capítulo", "Notas", "Bibliografia", "Índice remissivo", "Colofão", "Créditos", "Capa"),
    "nl": ("Inhoud", "Hoofdstuk", "Noten", "Bibliografie", "Register", "Colofon", "Copyright", "Omslag"),
    "sv": ("Innehåll", "Kapitel", "Noter", "Litteratur", "Register", "Kolofon", "Upphovsrätt", "Omslag"),
    "da": ("Indhold", "Kapitel", "Noter", "Litteratur", "Register", "Kolofon", "Ophavsret", "Omslag"),
    "nb": ("Innhold", "Kapittel", "Noter", "Litteratur", "Register", "Kolofon", "Opphavsrett", "Omslag"),
    "fi": ("Sisällys", "Luku", "Viitteet", "Lähteet", "Hakemisto", "Kolofoni", "Tekijänoikeus", "Kansi"),
    "pl": (
        "Spis treści",
        "Rozdział",
        "Przypisy",
        "Bibliografia",
        "Indeks",
        "Kolofon",
        "Prawa autorskie",
        "Okładka",
    ),
    "cs": ("Obsah", "Kapitola", "Poznámky", "Literatura", "Rejstřík", "Tiráž", "Autorská práva", "Obálka"),
    "hu": ("Tartalom", "Fejezet", "Jegyzetek", "Irodalom", "Mutató", "Kolofon", "Szerzői jog", "Borító"),
    "ro": (
        "Cuprins",
        "Capitolul",
        "Note",
        "Bibliografie",
        "Index",
        "Colofon",
        "Drepturi de autor",
        "Copertă",
    ),
    "tr": ("İçindekiler", "Bölüm", "Notlar", "Kaynakça", "Dizin", "Kolofon", "Telif hakkı", "Kapak"),
    "el": (
        "Περιεχόμενα",
        "Κεφάλαιο",
        "Σημειώσεις",
        "Βιβλιογραφία",
        "Ευρετήριο",
        "Κολοφώνας",
        "Πνευματικά δικαιώματα",
        "Εξώφυλλο",
    ),
    "ru": (
        "Содержание",
        "Глава",
        "Примечания",
        "Библиография",
        "Указатель",
        "Колофон",
        "Авторские права",
        "Обложка",
    ),
    "uk": (
        "Зміст",
        "Розділ",
        "Примітки",
        "Бібліографія",
        "Покажчик",
        "Колофон",
        "Авторські права",
        "Обкладинка",
    ),
    "ar": ("المحتويات", "الفصل", "الحواشي", "المراجع", "الفهرس", "بيانات الطباعة", "حقوق النشر", "الغلاف"),
    "he": ("תוכן העניינים", "פרק", "הערות", "ביבליוגרפיה", "מפתח", "קולופון", "זכויות יוצרים", "כריכה"),
    "zh": ("目录", "第", "注释", "参考文献", "索引", "版本记录", "版权", "封面"),
    "ja": ("目次", "第", "注", "参考文献", "索引", "奥付", "著作権", "表紙"),
    "ko": ("차례", "장", "주", "참고 문헌", "찾아보기", "간기", "저작권", "표지"),
}
_ALIASES = {"no": "nb", "nn": "nb"}

_QUOTES: dict[str, str] = {
    **dict.fromkeys(("de", "cs", "sk", "sl", "bg", "is", "lt", "et"), "„“‚‘"),
    **dict.fromkeys(("pl", "hu", "ro", "hr"), "„”‚’"),
    **dict.fromkeys(("sv", "fi"), "””’’"),
    **dict.fromkeys(("es", "it", "pt", "el", "ca"), "«»“”"),
    **dict.fromkeys(("nb", "nn", "no"), "«»‘’"),
    **dict.fromkeys(("ru", "uk", "be"), "«»„“"),
    "da": "»«›‹",
    "de-CH": "«»‹›",
    "pt-BR": "“”‘’",
}


def read_language(tag: str) -> Language:
    """Take a BCP 47 tag apart. Raises UnknownLanguage where it is none."""
    match = _TAG.fullmatch(tag.strip())
    if match is None:
        raise UnknownLanguage(
            f"{tag!r} is not a language tag.", field="language", remedy="Use one such as en, de or pt-BR."
        )
    code = match["language"].lower()
    script = match["script"].title() if match["script"] else None
    region = match["region"].upper() if match["region"] else None
    canonical = "-".join(part for part in (code, script, region) if part)
    return Language(
        tag=canonical,
        code=code,
        script=script,
        region=region if region and region.isalpha() else None,
        right_to_left=script in _RIGHT_TO_LEFT_SCRIPTS or (script is None and code in _RIGHT_TO_LEFT),
        joins_lines=code in _NO_WORD_SPACES,
        quotes=_quotes(code, region),
        labels=Labels(*_LABELS.get(_ALIASES.get(code, code), _LABELS["en"])),
    )


def _quotes(code: str, region: str | None) -> tuple[str, str, str, str]:
    if code == "fr":
        # French sets a no-break space inside its guillemets, a narrow one outside Switzerland's habit.
        return ("«\u202f", "\u202f»", "“", "”") if region != "CH" else ("«", "»", "‹", "›")
    marks = _QUOTES.get(f"{code}-{region}") or _QUOTES.get(code) or "“”‘’"
    return marks[0], marks[1], marks[2], marks[3]


def capitals(text: str, language: Language) -> str:
    """`text` in capitals as the language writes them: Turkish dots its I, Greek drops the accent."""
    if language.code in {"tr", "az"}:
        text = text.replace("i", "İ").replace("ı", "I")
    text = text.upper()
    if language.code == "el":
        text = unicodedata.normalize("NFC", unicodedata.normalize("NFD", text).replace("\u0301", ""))
    return text


def chapter_label(language: Language, number: int) -> str:
    """`Chapter 3` in the book's language."""
    if language.code in {"zh", "ja"}:
        return f"第{number}章"
    if language.code == "ko":
        return f"제{number}장"
    if language.code == "hu":
        return f"{number}. fejezet"
    return f"{language.labels.chapter} {number}"
