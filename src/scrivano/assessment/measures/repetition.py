"""What is said again: within a chapter, and of earlier chapters."""

from collections import Counter
from collections.abc import Sequence

from scrivano.assessment.dto import Finding
from scrivano.assessment.measures.outcome import Outcome, clipped
from scrivano.assessment.text import Prose, Sentence

GRAM = 5
# One repeated word in five, within a chapter, or one in three, of earlier ones, leaves nothing of the score.
WITHIN, ACROSS = 5.0, 3.0
MOST = 12
# A short sentence ("I know.") may well come again in a chapter; beyond this it is a tic, or a loop of the model.
SHORT_ONES = 3


class Heard:
    """What the chapters so far have said, as runs of five words."""

    def __init__(self) -> None:
        self.grams: dict[tuple[str, ...], int] = {}

    def take(self, prose: Prose) -> Outcome:
        """How much of this chapter repeats itself or earlier ones; then it is among the earlier ones itself."""
        own: dict[tuple[str, ...], int] = {}
        short: Counter[tuple[str, ...]] = Counter()
        total = within = across = 0
        told: list[tuple[float, Sentence, int]] = []
        for sentence in prose.sentences:
            tokens = sentence.words
            total += len(tokens)
            again, before = _covered(tokens, own), _covered(tokens, self.grams)
            if 0 < len(tokens) < GRAM:
                short[tuple(tokens)] += 1
                if short[tuple(tokens)] > SHORT_ONES:
                    again = [True] * len(tokens)
                if short[tuple(tokens)] == SHORT_ONES + 1:
                    told.append((1.0, sentence, prose.number))
            within += sum(again)
            across += sum(b and not a for a, b in zip(again, before, strict=True))
            share = sum(a or b for a, b in zip(again, before, strict=True)) / max(1, len(tokens))
            if len(tokens) >= 6 and share >= 0.7:
                source = next((self.grams[g] for g in _grams(tokens) if g in self.grams), prose.number)
                told.append((share, sentence, source if sum(before) else prose.number))
            for gram in _grams(tokens):
                own[gram] = prose.number
        for gram in own:
            self.grams.setdefault(gram, prose.number)
        inside, outside = within / max(1, total), across / max(1, total)
        score = clipped(100 * (1 - WITHIN * inside) * max(0.0, 1 - ACROSS * outside))
        if inside >= 1 / WITHIN:
            score = 0.0
        facts = {"within": round(inside, 4), "across": round(outside, 4)}
        return Outcome(score, facts, [_finding(prose, s, where) for _, s, where in told[:MOST]])


def _grams(tokens: Sequence[str]) -> list[tuple[str, ...]]:
    return [tuple(tokens[i : i + GRAM]) for i in range(len(tokens) - GRAM + 1)]


def _covered(tokens: Sequence[str], seen: dict[tuple[str, ...], int]) -> list[bool]:
    covered = [False] * len(tokens)
    for at, gram in enumerate(_grams(tokens)):
        if gram in seen:
            covered[at : at + GRAM] = [True] * GRAM
    return covered


def _finding(prose: Prose, sentence: Sentence, where: int) -> Finding:
    if where == prose.number:
        return prose.finding(
            "repetition", sentence, "The chapter has said this already.", "Remove one of the two."
        )
    why = f"Chapter {where} says this in the same words."
    return prose.finding("repetition", sentence, why, "Refer back to it, or say what is new.")
