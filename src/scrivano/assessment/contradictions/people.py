"""Who a sentence speaks of: names, the words that stand for them, and what belongs to whom."""

import re
from collections.abc import Iterable

from scrivano.assessment.wordlists import word_list
from scrivano.references.public import STOPWORDS

TITLES = frozenset(
    word_list("""
        mr mrs ms miss dr prof professor captain lieutenant sergeant colonel major general judge father
        sister brother mother uncle aunt lord lady sir king queen prince princess inspector detective
        president old young little poor
""")
)
_NO_NAMES = frozenset(
    word_list("""
        name age born eyes eye hair character trade role place birthplace home height next later year
        years today yesterday tomorrow monday tuesday wednesday thursday friday saturday sunday january
        february march april may june july august september october november december three two one four
        five six seven eight nine ten shipping water delivery deliveries returns refunds about founded
        built born express version chapter part section nobody nothing everyone everybody somebody yes
        well perhaps maybe still even although though since until unless despite because first second
        beneath behind beside above below under inside outside along across through around between toward towards
        third finally meanwhile instead however like many most several another both deliver next
""")
)
_TITLE = (
    r"(?:(?:Mr|Mrs|Ms|Dr|Prof)\.? |(?:Captain|Lieutenant|Judge|Father|Professor|Uncle|Aunt|Old|Sir|Lady|"
    r"Inspector) )"
)
_CAP = r"[A-ZÀ-ÖØ-Þ][a-zà-öø-ÿ]+(?:-[A-ZÀ-ÖØ-Þ][a-zà-öø-ÿ]+)?"
NAME = rf"{_TITLE}?{_CAP}(?: (?:de |van |von )?{_CAP}){{0,2}}"
NAME_RE = re.compile(NAME)
_BELONGS = frozenset(
    word_list("""
        eyes eye hair head beard face hand hands
""")
)
_ENTITY = re.compile(rf"\b({NAME})('s|s'(?= )|' )?(?: ([a-z-]+))?(?: ([a-z-]+))?")
_PRONOUN = re.compile(r"\b(he|she|his|her|He|She|His|Her)\b")
_SPEECH = re.compile(r"[\"“][^\"”]*[\"”]")
_AWAY = re.compile(
    r"\b(?:look\w*|gaz\w*|star\w*|peer\w*)(?: up| down)? (?:into|at) $|\b(?:met|kissed|held) $"
)
_RELATIVE = re.compile(r" (?:husband|wife|mother|father|son|daughter|brother|sister)\b")

Key = frozenset[str]


def key_of(name: str) -> Key:
    """The tokens that tell a person from others; empty for what is no name."""
    tokens = [t for t in re.split(r"[ .]+", name.lower()) if t and t not in TITLES]
    while tokens and (tokens[0] in STOPWORDS or tokens[0] in _NO_NAMES):
        tokens.pop(0)
    return frozenset(t for t in tokens if t not in ("de", "van", "von"))


def same(a: Key, b: Key) -> bool:
    """Whether both names can be of one person: one is the other, or a part of it."""
    return bool(a) and bool(b) and (a <= b or b <= a)


class Cast:
    """Follows who is spoken of from sentence to sentence, and puts names where pronouns stand."""

    def __init__(self) -> None:
        self._before: list[str] = []

    def resolved(self, text: str) -> str:
        """The sentence with names for `he`, `she`, `his`, `her`, where only one person can be meant."""
        entities = _entities(text)
        if not _PRONOUN.search(text):
            self._remember(entities, text)
            return text
        pieces: list[str] = []
        at = 0
        for match in _PRONOUN.finditer(text):
            earlier = _distinct(label for label, start in entities if start < match.start())
            candidates = earlier or _distinct(self._before)
            word, after = match.group().lower(), text[match.end() : match.end() + 2]
            possessive = word == "his" or (word == "her" and re.match(r" [a-z]", after) is not None)
            pieces.append(text[at : match.start()])
            at = match.end()
            away = _AWAY.search(text[: match.start()]) and not _RELATIVE.match(text, match.end())
            clear = len(candidates) == 1 and not away
            if not clear or (word == "her" and not possessive):
                pieces.append(match.group())
            else:
                pieces.append(candidates[0] + ("'s" if possessive else ""))
        pieces.append(text[at:])
        self._remember(entities, text)
        return "".join(pieces)

    def _remember(self, entities: list[tuple[str, int]], text: str) -> None:
        # Who speaks is spoken of; whoever is only named in what they say is not.
        entities = _entities(_SPEECH.sub(" ", text)) or entities
        if entities:
            self._before = [label for label, _ in entities]
        elif not _PRONOUN.search(text):
            self._before = []


def _entities(text: str) -> list[tuple[str, int]]:
    found: list[tuple[str, int]] = []
    for match in _ENTITY.finditer(text):
        name, owns, noun = match.group(1), match.group(2), match.group(3)
        if not key_of(name):
            continue
        if owns and noun and noun not in _BELONGS:
            found.append((_clean(name) + "'s " + noun, match.start()))
        else:
            found.append((_clean(name), match.start()))
    return found


def _clean(name: str) -> str:
    words = name.split(" ")
    while len(words) > 1 and words[0].lower() in STOPWORDS | _NO_NAMES:
        words.pop(0)
    return " ".join(words)


def _distinct(labels: Iterable[str]) -> list[str]:
    kept: list[str] = []
    for label in labels:
        if not any(("'s " not in label + k and same(key_of(label), key_of(k))) or label == k for k in kept):
            kept.append(label)
    return kept
