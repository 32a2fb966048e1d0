"""Length against what was asked, and whether the text is whole."""

import re

from scrivano.assessment.measures.outcome import Outcome
from scrivano.assessment.text import Prose

LITTLE = 95.0
_END = re.compile(r"[.!?…。！？؟:][\"'”’“»«)\]*_`]*$")
_PLACEHOLDER = re.compile(
    r"\[(?:todo|tbd|insert|your|placeholder|add|fill)\b[^\]\n]{0,80}\]|\blorem ipsum\b|\bTODO\b|\bTBD\b|\bXXX+\b|"
    r"\bas an ai (?:language )?model\b",
    re.IGNORECASE,
)


def length_score(words: int, asked: int) -> float:
    """S_l from 0 to 100: LongWriter's length score (Bai et al. 2024, arXiv:2408.07055, section 3.1).

    Above the length asked it falls to 0 at four times, below it at a third.
    """
    if words <= 0:
        return 0.0
    if words >= asked:
        return 100 * max(0.0, 1 - (words / asked - 1) / 3)
    return 100 * max(0.0, 1 - (asked / words - 1) / 2)


def length(prose: Prose, asked: int) -> Outcome | None:
    """S_l of a chapter; None where no length was asked."""
    if not asked:
        return None
    score = length_score(prose.words, asked)
    outcome = Outcome(score, {"words": prose.words, "asked": asked})
    if score < LITTLE:
        short = prose.words < asked
        outcome.findings.append(
            prose.remark(
                "length",
                f"The chapter has {prose.words} words; {asked} were asked.",
                "Go on where it is thin." if short else "Take out what carries least.",
            )
        )
    return outcome


def wholeness(prose: Prose) -> Outcome:
    """Whether there is a text, it ends as a sentence does, and nothing is left to be filled in."""
    if not prose.sentences:
        remark = prose.remark(
            "wholeness", "The chapter has no text.", "Write it, or take it out of the outline."
        )
        return Outcome(0.0, {"sentences": 0}, [remark])
    outcome = Outcome(100.0, {"sentences": len(prose.sentences)})
    last = prose.blocks[-1]
    if last.kind == "heading":
        outcome.score -= 25
        why = f"The chapter ends with the heading “{last.text}” and no text under it."
        outcome.findings.append(prose.remark("wholeness", why, "Write the section or remove its heading."))
    elif last.kind == "paragraph" and not _END.search(last.text.rstrip()):
        outcome.score -= 25
        why, advice = "The last sentence is not finished.", "Finish the sentence."
        outcome.findings.append(prose.finding("wholeness", prose.sentences[-1], why, advice))
    for sentence in prose.sentences:
        if match := _PLACEHOLDER.search(prose.text[sentence.start : sentence.end]):
            outcome.score -= 20
            why = f"“{match.group()}” is left to be filled in."
            outcome.findings.append(prose.finding("wholeness", sentence, why, "Fill it in."))
    outcome.score = max(0.0, outcome.score)
    return outcome
