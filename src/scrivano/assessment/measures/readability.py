"""How hard a text reads, against its audience.

Reading ease from 0 (hard) to 100 (easy), by the formula made for the language:
English: Flesch 1948 (Journal of Applied Psychology 32). German: Amstad 1978. French: Kandel and Moles 1958.
Spanish: Fernández Huerta 1959. Italian: Franchina and Vacca 1972. Dutch: Douma 1960. Portuguese: Martins et al. 1996.
Other languages: LIX (Björnsson 1968), brought to the same scale (our own line through "easy" 25 and "hard" 55).
"""

import re
from collections.abc import Sequence

from scrivano.assessment.measures.outcome import Outcome, clipped
from scrivano.assessment.text import Prose, Sentence

# Constant, per word of a sentence, per syllable of a word.
_FORMULAS = {
    "en": (206.835, 1.015, 84.6),
    "de": (180.0, 1.0, 58.5),
    "fr": (207.0, 1.015, 73.6),
    "es": (206.84, 1.02, 60.0),
    "it": (217.0, 1.3, 60.0),
    "nl": (206.84, 0.93, 77.0),
    "pt": (248.835, 1.015, 84.6),
}
_VOWELS = re.compile(r"[aeiouyäöüáàâéèêëíìîïóòôõúùûœæå]+")
_SILENT = re.compile(r"(?:[^laeiouy]e|[^aeioutd]ed|[^aeiouscxzgh]es)$")
LONG_SENTENCE = 40
FEWEST_WORDS = 100
MOST = 8

# Words of a description of readers, and the ease that suits them. The first that fits counts.
_AUDIENCES: Sequence[tuple[re.Pattern[str], tuple[float, float]]] = (
    (
        re.compile(r"\b(?:child|children|kids|pupils|preschool\w*)\b"),
        (75, 100),
    ),
    (re.compile(r"\b(?:teen\w*|young readers|learners of|plain language|beginner\w*)\b"), (55, 90)),
    (re.compile(r"\b(?:academic\w*|scholar\w*|researcher\w*|scientist\w*|lawyer\w*)\b"), (10, 50)),
    (re.compile(r"\b(?:expert\w*|specialist\w*|engineer\w*|professional\w*|physician\w*)\b"), (25, 62)),
)


def reading_ease(sentences: Sequence[Sentence], language: str) -> float:
    """The ease of these sentences; not held between 0 and 100, as the formulas are not."""
    words = [w for s in sentences for w in s.words]
    if not words or not sentences:
        return 0.0
    base = language.split("-")[0].lower()
    per_sentence = len(words) / len(sentences)
    if base not in _FORMULAS:
        lix = per_sentence + 100 * sum(len(w) > 6 for w in words) / len(words)
        return 80 - (lix - 25) * (80 - 30) / (55 - 25)
    constant, by_sentence, by_word = _FORMULAS[base]
    syllables = sum(map(count_english if base == "en" else count_vowel_groups, words))
    return constant - by_sentence * per_sentence - by_word * syllables / len(words)


def count_vowel_groups(word: str) -> int:
    """Syllables as groups of vowels, at least one."""
    return max(1, len(_VOWELS.findall(word)))


def count_english(word: str) -> int:
    """Syllables of an English word: vowel groups without a silent ending."""
    return max(1, len(_VOWELS.findall(word)) - (1 if _SILENT.search(word) else 0))


def suits(audience: str, usual: tuple[float, float]) -> tuple[float, float]:
    """The ease that suits these readers: `usual` of the genre unless the description says more."""
    lower = audience.lower()
    if "parents" in lower or "teachers" in lower or "caregivers" in lower:
        return usual
    return next((band for pattern, band in _AUDIENCES if pattern.search(lower)), usual)


def readability(prose: Prose, language: str, band: tuple[float, float]) -> Outcome | None:
    """100 within the band of ease, two points less for each point outside; None for under a hundred words."""
    sentences = [s for s in prose.sentences if len(s.words) > 2]
    words = sum(len(s.words) for s in sentences)
    if words < FEWEST_WORDS or language.split("-")[0].lower() in ("zh", "ja", "ko", "th"):
        return None
    ease = reading_ease(sentences, language)
    low, high = band
    away = max(low - ease, ease - high, 0.0)
    outcome = Outcome(
        clipped(100 - 2 * away),
        {"ease": round(ease, 1), "words_a_sentence": round(words / len(sentences), 1)},
    )
    if away > 5:
        hard = ease < low
        why = f"The reading ease is {ease:.0f}; {low:.0f} to {high:.0f} suits these readers."
        advice = (
            "Shorter sentences and plainer words." if hard else "It may be plainer than these readers expect."
        )
        outcome.findings.append(prose.remark("readability", why, advice))
    for sentence in sorted(
        (s for s in sentences if len(s.words) > LONG_SENTENCE), key=lambda s: -len(s.words)
    )[:MOST]:
        why = f"The sentence has {len(sentence.words)} words."
        outcome.findings.append(prose.finding("readability", sentence, why, "Make two of it."))
    return outcome
