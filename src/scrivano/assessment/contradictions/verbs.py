"""The forms of verbs, as far as telling who did something needs them."""

from functools import cache

from scrivano.assessment.wordlists import word_list

_PAST = {
    "read": ["read"], "write": ["wrote"], "swim": ["swam"], "drive": ["drove"], "ride": ["rode"], "drink": ["drank"],
    "smoke": ["smoked"], "eat": ["ate"], "sing": ["sang"], "dance": ["danced"], "speak": ["spoke"], "cook": ["cooked"],
    "fly": ["flew"], "play": ["played"], "sail": ["sailed"], "walk": ["walked"], "see": ["saw"], "watch": ["watched"],
    "hear": ["heard"], "listen": ["listened"],
}  # fmt: skip
_BY_FORM = {form: verb for verb, past in _PAST.items() for form in (verb, f"{verb}s", f"{verb}es", *past)} | {
    "flies": "fly"
}

ACTING = frozenset(
    word_list("""
        walked ran rode drove sat stood rose climbed crossed opened closed shut took gave held lifted threw caught
        poured drank ate cooked washed wrote read sang whistled danced played spoke said whispered shouted cried
        laughed smiled nodded frowned grinned sighed shrugged coughed kissed pushed pulled knocked turned looked
        watched listened waved pointed leaned knelt trotted barked purred swam dug cut lit carried dropped picked
        wiped signed paid bought sold met married argued answered asked replied entered left arrived came went
        slept woke stretched jumped limped hurried wandered paused waited worked travelled
""")
)
"""Simple pasts of what only the living do."""


def stem_of_verb(form: str) -> str:
    """The verb that a form belongs to; the form itself where it is none of those known."""
    return _BY_FORM.get(form, form)


@cache
def forms_of(verb: str) -> frozenset[str]:
    """The forms in which somebody does it, in the present and the past; none for a verb that is not known."""
    return frozenset(
        [f"{verb}s", f"{verb}es", *_PAST[verb], *(["flies"] if verb == "fly" else [])]
        if verb in _PAST
        else []
    )
