"""Whether a narrative keeps its tense and its narrator. English and German; other languages are not measured."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from scrivano.assessment.measures.outcome import Outcome, clipped
from scrivano.assessment.text import Prose, Sentence

FEWEST = 8
CLEAR = 0.65
RUN = 2
MOST = 10
_SPEECH = re.compile(r"[\"“„«»][^\"“”„«»]*[\"”“»«]|(?<!\w)['‘][^'’]{3,}['’](?!\w)")


@dataclass(frozen=True)
class _Language:
    past: re.Pattern[str]
    present: re.Pattern[str]
    first: re.Pattern[str]
    third: re.Pattern[str]


def _any(words: str, *more: str) -> re.Pattern[str]:
    return re.compile(r"\b(?:" + "|".join([*words.split(), *more]) + r")\b", re.IGNORECASE)


_LANGUAGES = {
    "en": _Language(
        past=_any(
            "was were had did said went came took saw knew thought stood sat ran felt found made gave told left kept "
            "began heard held brought got became turned looked walked asked seemed lay fell rose spoke put",
            r"(?:he|she|it|they|we|i|who) [a-z]{3,}ed",
        ),
        present=_any(
            "is are has does says goes comes takes sees knows thinks stands sits runs feels finds makes gives tells "
            "leaves keeps begins hears holds brings gets becomes turns looks walks asks seems lies falls rises speaks "
            "puts am",
        ),
        first=re.compile(r"\b(?:I|me|my|mine|myself)\b"),
        third=_any("he she him her his hers they them their"),
    ),
    "de": _Language(
        past=_any(
            "war waren hatte hatten wurde wurden sagte ging kam nahm sah wusste dachte stand saß lief fühlte fand "
            "machte gab ließ hielt begann hörte brachte fragte lag fiel sprach"
        ),
        present=_any(
            "ist sind hat haben wird werden sagt geht kommt nimmt sieht weiß denkt steht sitzt läuft fühlt findet "
            "macht gibt lässt hält beginnt hört bringt fragt liegt fällt spricht bin"
        ),
        first=re.compile(r"\b(?:[Ii]ch|mich|mir|mein\w*)\b"),
        third=_any("er ihn ihm sein seine seinem ihr ihre"),
    ),
}


def voice(prose: Prose, language: str, kind: str) -> Outcome | None:
    """100 for a narrative of one tense and one narrator; three points less for each hundredth of drifting sentences."""
    known = _LANGUAGES.get(language.split("-")[0].lower())
    if known is None or kind != "fiction":
        return None
    told = [(s, _SPEECH.sub(" ", s.text)) for s in prose.sentences]
    told = [(s, text) for s, text in told if len(text.split()) > 2]
    if len(told) < FEWEST:
        return None
    tenses = [(s, _one_of(text, known.past, known.present)) for s, text in told]
    persons = [(s, "i" if known.first.search(text) else _third(text, known)) for s, text in told]
    tense, tense_drift = _drift(tenses, RUN)
    person, person_drift = _drift(persons, 1)
    drift = len({s.start for s in [*tense_drift, *person_drift]}) / len(told)
    outcome = Outcome(clipped(100 * (1 - 3 * drift)), {"drift": round(drift, 4)})
    name = {"past": "past", "present": "present"}.get(tense, "")
    for sentence in tense_drift[:MOST]:
        why = f"The chapter is told in the {name} tense; here it slips."
        outcome.findings.append(prose.finding("voice", sentence, why, f"Tell it in the {name} tense."))
    teller = "in the first person" if person == "i" else "of its people in the third person"
    for sentence in person_drift[:MOST]:
        why = f"The chapter is told {teller}; here another voice speaks."
        outcome.findings.append(prose.finding("voice", sentence, why, "Keep to one narrator."))
    return outcome


def _one_of(text: str, past: re.Pattern[str], present: re.Pattern[str]) -> str:
    was, is_ = len(past.findall(text)), len(present.findall(text))
    return "past" if was > is_ else "present" if is_ > was else ""


def _third(text: str, known: _Language) -> str:
    return "they" if known.third.search(text) else ""


def _drift(marked: Sequence[tuple[Sentence, str]], run: int) -> tuple[str, list[Sentence]]:
    """The ruling mark and the sentences of another, in runs of at least `run`. A first-person narrator may speak
    of others, so that only the narrator's appearance, not the lack of one, is a slip."""
    counted = [m for _, m in marked if m]
    if len(counted) < FEWEST:
        return "", []
    ruling = max(sorted(set(counted)), key=counted.count)
    if counted.count(ruling) < CLEAR * len(counted) or ruling == "i":
        return ruling, []
    drift: list[Sentence] = []
    current: list[Sentence] = []
    for sentence, mark in [*marked, (marked[-1][0], ruling)]:
        if mark and mark != ruling:
            current.append(sentence)
        elif mark:
            if len(current) >= run:
                drift += current
            current = []
    return ruling, drift


Measurer = Callable[[Prose], Outcome | None]
