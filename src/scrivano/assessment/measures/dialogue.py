"""How much of a story is spoken."""

import re

from scrivano.assessment.measures.outcome import Outcome, clipped
from scrivano.assessment.text import Prose

_SPEECH = re.compile(r"\"[^\"]{2,}\"|“[^”]{2,}”|„[^“”]{2,}[“”]|«[^»]{2,}»|»[^«]{2,}«|(?<!\w)‘[^’]{3,}’(?!\w)")
FEWEST_WORDS = 300


def dialogue(prose: Prose, band: tuple[float, float] | None) -> Outcome | None:
    """100 within the genre's band of spoken words, falling to 0 at a distance of 0.5; None where there is no band."""
    if band is None or prose.words < FEWEST_WORDS:
        return None
    spoken = sum(len(m.group().split()) for m in _SPEECH.finditer(prose.text))
    dashes = sum(len(s.words) for s in prose.sentences if s.text.startswith(("— ", "– ", "—")))
    share = min(1.0, (spoken + dashes) / prose.words)
    away = max(band[0] - share, share - band[1], 0.0)
    outcome = Outcome(clipped(100 * (1 - 2 * away)), {"spoken": round(share, 3)})
    if away > 0.1:
        few = share < band[0]
        why = f"{share:.0%} of the words are spoken; {band[0]:.0%} to {band[1]:.0%} is usual in this genre."
        advice = "Let the people speak." if few else "Show what happens between the words."
        outcome.findings.append(prose.remark("dialogue", why, advice))
    return outcome
