"""Finding a quotation in a text: word for word, only white space and the shape of quotation marks may differ."""

_SHAPES = {"“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "‘": "'", "’": "'", "‚": "'", "–": "-", "—": "-"}
SHORTEST = 12


def find_quote(text: str, quote: str, shortest: int = SHORTEST) -> tuple[int, int] | None:
    """Where the quotation stands in the text (0-based, end exclusive); None if it does not, or has fewer than
    `shortest` characters, which prove nothing."""
    wanted, _ = _normalised(quote.strip().strip('"“”„«»').strip().removesuffix("…").removesuffix("..."))
    wanted = wanted.strip()
    if len(wanted) < shortest:
        return None
    whole, places = _normalised(text)
    at = whole.find(wanted)
    if at < 0:
        return None
    return places[at], places[at + len(wanted) - 1] + 1


def _normalised(text: str) -> tuple[str, list[int]]:
    kept: list[str] = []
    places: list[int] = []
    for at, char in enumerate(text):
        if char.isspace():
            if kept and kept[-1] == " ":
                continue
            char = " "
        kept.append(_SHAPES.get(char, char))
        places.append(at)
    return "".join(kept), places
