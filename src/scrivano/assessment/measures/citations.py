"""Whether claims that rest on somebody's work say on whose."""

import re

from scrivano.assessment.measures.outcome import Outcome, clipped
from scrivano.assessment.text import Prose

_CLAIM = re.compile(
    r"\b(?:stud(?:y|ies)|research(?:ers)?|surveys?|statistics|scientists|experts|meta-analys[ie]s|trials?|data|reports?|"
    r"polls?|evidence) (?:have |has |had )?(?:show\w*|found|finds?|suggest\w*|prove\w*|reveal\w*|indicate\w*|agree\w*|"
    r"estimate\w*|report\w*|confirm\w*|demonstrate\w*)\b|"
    r"\b(?:Studien|Forscher\w*|Umfragen?|Untersuchungen) (?:zeigen|belegen|ergab\w*|fand\w*)\b|"
    r"\b(?:des études|une étude|les études|los estudios|un estudio) ",
    re.IGNORECASE,
)
_SOURCE = re.compile(
    r"\[\^[^\]]+\]|\]\([^)]+\)|https?://|doi:|\((?:[A-ZÀ-Þ][^()]{1,80},? )?(?:19|20)\d\d[a-z]?\)|"
    r"\b(?:according to|reported by|published (?:in|by)|in (?:his|her|their) (?:book|study|paper)|laut|nach Angaben|"
    r"selon|según)\b|\[\d{1,3}\]",
    re.IGNORECASE,
)
MOST = 10


def citations(prose: Prose, kind: str) -> Outcome | None:
    """The share of claims ("studies show", "experts agree") that name a source in the same sentence or the next, one
    more counted as named, so that a single one is not the end; None for fiction, and where nothing is claimed."""
    if kind == "fiction":
        return None
    claims = named = 0
    outcome = Outcome(100.0)
    for at, sentence in enumerate(prose.sentences):
        if not _CLAIM.search(sentence.text):
            continue
        claims += 1
        after = prose.sentences[at + 1] if at + 1 < len(prose.sentences) else sentence
        near = prose.text[sentence.start : after.end if after.block == sentence.block else sentence.end]
        if _SOURCE.search(near):
            named += 1
        elif len(outcome.findings) < MOST:
            why = "This rests on somebody's figures or findings and does not say whose."
            outcome.findings.append(
                prose.finding("citations", sentence, why, "Name the source, or say it as your own.")
            )
    if not claims:
        return None
    outcome.score = clipped(100 * (named + 1) / (claims + 1))
    outcome.facts = {"claims": claims, "with_source": named}
    return outcome
