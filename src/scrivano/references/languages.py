"""Which language a text is in, by its commonest words, and how PostgreSQL searches it."""

from collections import Counter

from scrivano.references.stemming import words
from scrivano.references.wordlists import word_set

CONFIGURATIONS = {
    "ar": "arabic",
    "ca": "catalan",
    "da": "danish",
    "de": "german",
    "el": "greek",
    "en": "english",
    "es": "spanish",
    "fi": "finnish",
    "fr": "french",
    "hu": "hungarian",
    "it": "italian",
    "nl": "dutch",
    "no": "norwegian",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sv": "swedish",
    "tr": "turkish",
}
"""Languages by ISO 639-1 code with the text search configuration that PostgreSQL brings for each."""

_SAMPLE_WORDS = 20_000
_LEAST_SHARE = 0.08
_COMMON = {
    "en": "the of and to in is that it was for with as his on be at by had not are but from have they which you",
    "de": "der die und in den von zu das mit sich des auf für ist im dem nicht ein eine als auch es an werden aus",
    "fr": "de la le et les des en un du une que est pour qui dans par plus pas au sur ne se ce il sont",
    "es": "de la que el en y los se del las un por con no una su para es al lo como más pero sus le",
    "it": "di e il la che in un per del non una sono della le con si da dei al come più ma ha alla gli",
    "pt": "de a o que e do da em um para com não uma os no se na por mais as dos como mas ao ele",
    "nl": "de van een het en in is dat op te zijn met voor niet aan er om ook als dan maar bij uit nog",
    "sv": "och att det i en som på är av för med till den har de inte om ett han men var jag sig från",
    "da": "og i at det er en til af på for med den de der som ikke har et han var sig men jeg fra",
    "no": "og i det er en til av på for med den de som ikke har et han var seg men jeg fra å ble",
    "fi": "ja on ei se että hän oli ovat mutta kun myös niin kuin joka tai sen ole ollut vain nyt",
    "ru": "и в не на что я он с как это по но из у за к от же бы так его все она",
    "tr": "ve bir bu da de için ile çok daha olarak gibi kadar ne var en o sonra olan değil",
    "ro": "de și în a la cu nu pe o un este din că se pentru sunt mai care au să al ca",
    "hu": "a az és hogy nem is egy van de ez volt már csak meg mint ha még el vagy minden",
    "ca": "de la i el que en a les un els per amb una del no és al com més seva però",
    "el": "και το να η του της την με για που από στο είναι δεν οι τα ένα στην αλλά",
}
_WORDS = {code: word_set(listed) for code, listed in _COMMON.items()}


def language_of(text: str) -> str:
    """The ISO 639-1 code of the language that most of `text` is in; empty if none of those known fits."""
    sample = Counter(words(text[:200_000])[:_SAMPLE_WORDS])
    total = sample.total()
    if not total:
        return ""
    if sum(count for word, count in sample.items() if "\u0600" <= word[0] <= "\u06ff") > total / 2:
        return "ar"
    shares = {code: sum(sample[word] for word in common) / total for code, common in _WORDS.items()}
    best = max(shares, key=lambda code: shares[code])
    return best if shares[best] >= _LEAST_SHARE else ""


def configuration_of(language: str) -> str:
    """PostgreSQL's text search configuration for a language; `simple`, which knows no endings, for others."""
    return CONFIGURATIONS.get(language[:2].lower(), "simple")


def spaced(text: str) -> str:
    """`text` with each ideogram and kana as a word of its own, as PostgreSQL's parser finds no words between them."""
    if text.isascii():
        return text
    return "".join(f" {c} " if _WIDE_FROM <= c <= _WIDE_TO else c for c in text)


_WIDE_FROM, _WIDE_TO = "\u3040", "\u9fff"
