"""Words of a text as search terms: lower case, without marks, with common endings taken off."""

import re
import unicodedata
from functools import lru_cache

from scrivano.references.wordlists import word_set

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_WIDE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")

STOPWORDS = word_set("""
    a about above after again against all also am an and any are as at be because been before being
    below between both but by can cannot could did do does doing done down during each either else etc
    even ever every few for from further get gets getting given gives go goes had has have having he her
    here hers herself him himself his how however i if in instead into is it its itself just keep kept
    know less let like made make makes making may me might mine more most much must my myself near need
    needs neither no nor not now of off often on once one only onto or other others our ours out over
    own per put quite rather really same say says see seen several shall she should since so some
    someone something still such take takes taking than that the their theirs them then there these they
    thing things this those though three through to too toward towards two under unless until up upon us
    use used uses using usually very via want wants was way ways we well were what whatever when
    whenever where whether which while who whole whom whose why will with within without would yet you
    your yours yourself der die das den dem des ein eine einer eines einem einen und oder aber nicht ist
    sind war mit von zu auf für im in es sie er wir ihr als auch wie bei nach aus durch wird werden kann
    können le la les un une des du de et ou mais ne pas est sont avec pour par dans sur que qui ce cette
    ces il elle el los las unos unas y o pero no es son con por para en que se su al del lo como más
""")

# Longest first; what stays must keep at least three letters.
_ENDINGS = (
    ("izations", "ize"),
    ("ization", "ize"),
    ("isations", "ize"),
    ("isation", "ize"),
    ("fulness", "ful"),
    ("ousness", "ous"),
    ("iveness", "ive"),
    ("ements", "e"),
    ("nesses", ""),
    ("ations", "ate"),
    ("ation", "ate"),
    ("ating", "ate"),
    ("ators", "ate"),
    ("ator", "ate"),
    ("ement", "e"),
    ("ments", ""),
    ("ities", "ity"),
    ("ising", "ize"),
    ("izing", "ize"),
    ("ised", "ize"),
    ("ized", "ize"),
    ("ises", "ize"),
    ("izes", "ize"),
    ("ise", "ize"),
    ("ment", ""),
    ("ness", ""),
    ("ings", ""),
    ("ies", "y"),
    ("ied", "y"),
    ("ing", ""),
    ("ers", ""),
    ("ed", ""),
    ("er", ""),
    ("es", ""),
    ("ly", ""),
    ("s", ""),
    ("e", ""),
)


@lru_cache(maxsize=200_000)
def stem(word: str) -> str:
    """`word` (lower case) without its ending, so that "testing" and "tests" meet; not for people's eyes.

    Made for English; other languages are matched by their words as they stand, save a final s or e.
    """
    if len(word) <= 3 or not word.isascii() or not word.isalpha():
        return word
    for ending, instead in _ENDINGS:
        kept = len(word) - len(ending)
        if kept >= 3 and word.endswith(ending) and not _belongs(ending, word[:kept]):
            return _tidy(word[:kept] + instead)
    return _tidy(word)


def _belongs(ending: str, rest: str) -> bool:
    """Whether what looks like an ending is part of the word: the s of "process", the ly of "supply"."""
    if ending == "s":
        return rest[-1] in "su"
    if ending == "ed":
        return rest[-1] == "e"
    return ending == "ly" and len(rest) < 5


def _tidy(root: str) -> str:
    if len(root) > 3 and root.endswith("e"):
        root = root[:-1]
    if len(root) > 3 and root[-1] == root[-2] and root[-1] not in "lsz":
        root = root[:-1]
    if root.endswith("i"):
        root = root[:-1] + "y"
    return root


@lru_cache(maxsize=200_000)
def _plain(word: str) -> str:
    if word.isascii():
        return word
    folded = unicodedata.normalize("NFKD", word.replace("’", "'"))
    return "".join(c for c in folded if not unicodedata.combining(c))


def words(text: str) -> list[str]:
    """The words of `text` in lower case; each ideogram or kana counts as a word of its own."""
    found: list[str] = []
    for token in _WORD.findall(text.lower()):
        if not token.isascii() and _WIDE.search(token):
            found.extend(token)
        else:
            found.append(_plain(token))
    return found


def count_words(text: str) -> int:
    """Number of words as `words` counts them."""
    return len(words(text))


@lru_cache(maxsize=200_000)
def _term(word: str) -> str:
    if word in STOPWORDS or (len(word) == 1 and word.isascii()):
        return ""
    base = word[:-2] if word.endswith("'s") else word.replace("'", "")
    return "" if base in STOPWORDS else stem(base)


def terms(text: str) -> list[str]:
    """Search terms of `text` in their order: stemmed words without the commonest ones."""
    return [term for word in words(text) if (term := _term(word))]
