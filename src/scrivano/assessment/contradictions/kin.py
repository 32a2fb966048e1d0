"""Who is what to whom."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from scrivano.assessment.contradictions.people import NAME, Key, key_of, same
from scrivano.assessment.wordlists import word_list

# From "A is the … of B" to how the two are related, and which of them stands where. Half- and step- count apart,
# save that a half-brother may be called a brother.
_KIN = {
    "mother": "parent", "father": "parent", "mum": "parent", "dad": "parent",
    "son": "child", "daughter": "child", "children": "child", "sons": "child", "daughters": "child",
    "brother": "sibling", "sister": "sibling", "twin": "sibling", "half-brother": "sibling",
    "half-sister": "sibling", "sibling": "sibling",
    "widow": "spouse", "widower": "spouse",
    "wife": "spouse", "husband": "spouse", "spouse": "spouse",
    "aunt": "aunt", "uncle": "aunt", "niece": "niece", "nephew": "niece",
    "cousin": "cousin",
    "grandmother": "grandparent", "grandfather": "grandparent",
    "grandson": "grandchild", "granddaughter": "grandchild",
    "stepfather": "stepparent", "stepmother": "stepparent", "stepson": "stepchild", "stepdaughter": "stepchild",
}  # fmt: skip
_INVERSE = {
    "parent": "child", "child": "parent", "aunt": "niece", "niece": "aunt", "grandparent": "grandchild",
    "grandchild": "grandparent", "stepparent": "stepchild", "stepchild": "stepparent",
}  # fmt: skip
# One has only one of these at a time.
_ONE = frozenset(
    word_list("""
        mother father wife husband spouse twin stepfather stepmother fiancé fiancée teacher tutor
        employer
""")
)
_OTHER = word_list("""
        teacher tutor apprentice employer friend neighbour neighbor student fiancée fiancé
""")
_REL = "|".join(sorted([*_KIN, *_OTHER], key=len, reverse=True))
# Who is tied may be named by an office alone: the son of the harbour master.
_A, _B = rf"(?P<a>{NAME})", rf"(?P<b>{NAME}|the [a-z]+(?: [a-z]+)?)"
_IS = r"(?:is|was|are|were|had been)"
_PATTERNS = [
    re.compile(
        rf"{_A}(?:,| {_IS}) (?:the |an? )?(?:late |younger |elder |older |only )?(?P<rel>{_REL}) of {_B}"
    ),
    re.compile(
        rf"{_A}(?:,| {_IS}) {_B}'s? (?:late |younger |elder |older |only )?(?P<rel>{_REL})\b(?! of| had)"
    ),
    re.compile(
        rf"{_B}'s? (?P<late>late )?(?:younger |elder |older |only )?(?P<rel>{_REL}) "
        rf"(?:{_IS}(?: called| named)? )?{_A}\b(?!'s| [A-Z])"
    ),
    re.compile(rf"{_B}'s? (?P<late>late )?(?P<rel>{_REL}), {_A},"),
]
_PAIRED = [
    (re.compile(rf"{_A} {_IS} married to {_B}"), "spouse"),
    (re.compile(rf"{_A} {_IS} engaged to {_B}"), "fiancé"),
    (re.compile(rf"{_A} and {_B} {_IS} (?:twins|siblings|brothers|sisters|brother and sister)\b"), "sibling"),
    (re.compile(rf"{_A} and {_B} {_IS} (?:cousins)\b"), "cousin"),
    (re.compile(rf"{_A} and {_B} {_IS} (?:married|husband and wife|man and wife)\b"), "spouse"),
]
_STATES = [
    (
        re.compile(
            rf"{_A} {_IS} (?:single|unmarried|a widow|a widower|a bachelor|a spinster|divorced|not married)\b"
        ),
        "spouse",
    ),
    (re.compile(rf"{_A} (?:has |had )?never married\b"), "spouse"),
    (re.compile(rf"{_A} {_IS} an only child\b"), "sibling"),
    (re.compile(rf"{_A} (?:has|had) no (?:children|child|sons or daughters|offspring)\b"), "child"),
    (re.compile(rf"{_A} {_IS} an orphan\b"), "parent"),
    (re.compile(rf"{_A} (?:has|had) no (?:siblings|brothers or sisters)\b"), "sibling"),
]
_UNTIL_DEATH = re.compile(
    r"\b(?:until|before|till) (?:he|she|they|[A-Z][^.,;]{0,40}?) (?:had )?died\b|\b(?:his|her) death\b"
)
_OWNS = re.compile(
    rf"{_A}'s? (?P<late>late |former |ex-|future )?(?:younger |elder |older |two |three |four |five |six )?"
    rf"(?P<rel>{_REL})\b(?!-)(?!'s)"
)


@dataclass(frozen=True)
class Tie:
    """`one` is the `kind` of `other`. `word` is the relation as it is said."""

    one: Key
    other: Key
    kind: str
    word: str


@dataclass(frozen=True)
class Has:
    """A person has (or has none of) a kind of relation, whoever it is."""

    person: Key
    kind: str
    has: bool


def ties(text: str) -> Iterator[Tie | Has]:
    """What the sentence (pronouns resolved) says of how people belong together."""
    if text.rstrip("\"'”").endswith("?") or (
        re.search(r"\b(?:not|never|n't|like an?|as if|if)\b", text)
        and not any(p.search(text) for p, _ in _STATES)
    ):
        return
    for pattern in _PATTERNS:
        for match in pattern.finditer(text):
            one, other = key_of(match["a"]), key_of(match["b"])
            if one and other and not same(one, other):
                word = match["rel"]
                yield Tie(one, other, _KIN.get(word, word), word)
    for pattern, kind in _PAIRED:
        for match in pattern.finditer(text):
            one, other = key_of(match["a"]), key_of(match["b"])
            if one and other:
                yield Tie(one, other, kind, kind)
                yield Tie(other, one, kind, kind)
    for pattern, kind in _STATES:
        for match in pattern.finditer(text):
            if key_of(match["a"]):
                yield Has(key_of(match["a"]), kind, False)
    for match in () if _UNTIL_DEATH.search(text) else _OWNS.finditer(text):
        if key_of(match["a"]) and not match["late"] and match["rel"] in _KIN:
            yield Has(key_of(match["a"]), _KIN[match["rel"]], True)


def ties_clash(a: Tie | Has, b: Tie | Has) -> bool:
    """Whether not both can be true."""
    if isinstance(a, Has) and isinstance(b, Has):
        return a.has != b.has and a.kind == b.kind and same(a.person, b.person)
    if isinstance(a, Has) or isinstance(b, Has):
        return False
    if same(a.one, b.one) and same(a.other, b.other):
        return _differ(a.kind, b.kind)
    if same(a.one, b.other) and same(a.other, b.one):
        return _differ(a.kind, _INVERSE.get(b.kind, b.kind))
    if same(a.other, b.other) and a.word == b.word and a.word in _ONE and not same(a.one, b.one):
        return True
    return a.kind == b.kind and a.kind in ("spouse", "fiancé") and _shares_one(a, b)


def _differ(a: str, b: str) -> bool:
    kin = set(_KIN.values())
    return a != b and a in kin and b in kin


def _shares_one(a: Tie, b: Tie) -> bool:
    """Whether one person is tied to two different ones."""
    for mine, partner in ((a.one, a.other), (a.other, a.one)):
        for theirs, rival in ((b.one, b.other), (b.other, b.one)):
            if same(mine, theirs) and not same(partner, rival):
                return True
    return False
