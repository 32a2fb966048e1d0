"""The filter itself: shells, headings and talk taken off in turn until nothing more comes."""

from collections.abc import Callable

from scrivano.books.scaffolding.between import without_boxes, without_interruptions
from scrivano.books.scaffolding.edges import (
    without_closing,
    without_lead,
    without_opening,
    without_trail,
)
from scrivano.books.scaffolding.headings import without_title
from scrivano.books.scaffolding.turns import without_turns
from scrivano.books.scaffolding.wrappers import peel


def without_scaffolding(text: str, *, title: str = "") -> tuple[str, list[str]]:
    """The prose of a chapter without what its model said around it, and the pieces that were taken out.

    Taken out are greetings and offers to the one who ordered the chapter, notes on the draft, echoed prompts,
    thinking, role marks and control tokens, code fences, JSON and front matter around the whole, placeholders, and
    `title` repeated as a heading at the top. Nothing is ever rewritten or moved: what is left is the input with
    stretches missing (a JSON string is unescaped). A text with nothing to take out comes back byte for byte; one
    that was an answer but no prose comes back empty. Applying it twice is the same as once, and it never raises.
    """
    steps: tuple[Callable[[str], tuple[str, list[str]]], ...] = (
        peel,
        lambda t: without_title(t, title),
        without_turns,
        lambda t: without_boxes(t, title),
        without_lead,
        lambda t: without_trail(t, title),
        without_opening,
        without_closing,
        lambda t: without_interruptions(t, title),
    )
    removed: list[str] = []
    before = None
    while text and text != before:  # what one step takes off may lay bare what is another's
        before = text
        for step in steps:
            text, taken = step(text)
            removed += taken
    return text, [piece for piece in removed if piece]
