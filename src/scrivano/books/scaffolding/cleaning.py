"""The filter itself: shells, headings and talk taken off in turn until nothing more comes."""

from scrivano.books.scaffolding.edges import trim
from scrivano.books.scaffolding.headings import without_title
from scrivano.books.scaffolding.wrappers import peel


def without_scaffolding(text: str, *, title: str = "") -> tuple[str, list[str]]:
    """The prose of a chapter without what its model said around it, and the pieces that were taken out.

    Taken out are greetings and offers to the one who ordered the chapter, notes on the draft, echoed prompts,
    thinking, role marks and control tokens, code fences, JSON and front matter around the whole, placeholders, and
    `title` repeated as a heading at the top. Nothing is ever rewritten or moved: what is left is the input with
    stretches missing (a JSON string is unescaped). A text with nothing to take out comes back byte for byte; one
    that was an answer but no prose comes back empty. Applying it twice is the same as once, and it never raises.
    """
    removed: list[str] = []
    while text:
        before = text
        text, taken = peel(text)
        removed += taken
        text, taken = without_title(text, title)
        removed += taken
        text, taken = trim(text, title)
        removed += taken
        if text == before:
            break
    return text, [piece for piece in removed if piece]
