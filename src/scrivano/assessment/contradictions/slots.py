"""What else is said of people and things, each a slot that holds one value.

Which hand, who owns it, what it is called, its colour, whether there is one at all, whether somebody can or is alive.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from scrivano.assessment.contradictions.people import NAME, key_of
from scrivano.assessment.contradictions.values import colour, number_of
from scrivano.assessment.contradictions.verbs import ACTING, forms_of, stem_of_verb
from scrivano.assessment.wordlists import word_list
from scrivano.references.public import STOPWORDS, stem

Subject = frozenset[str]


@dataclass(frozen=True)
class Slot:
    """`subject` has `value` in the slot `kind`. Two values of one slot clash, save where one is empty: unknown."""

    subject: Subject
    kind: str
    value: str


_UNREAL = re.compile(
    r"\b(?:not|never|n't|if|would|could have|might|may|perhaps|dream\w*|imagin\w*|remember\w*|ghost|photograph\w*|"
    r"portrait|picture|once|used to|long ago|years? (?:ago|before|earlier)|as a (?:boy|girl|child)|pretend\w*|"
    r"wish\w*|like an?|as if|as though|had had|before|until|almost|nearly|wanted|instead of|rather than|"
    r"in (?:his|her|their) youth|former|formerly|no longer|seemed|looked like|called for|hoped)\b",
    re.IGNORECASE,
)
_AT = r"(?: (?:of|at|in|on|from) (?P<where>(?:the )?[\w-]+(?: [A-Z][\w-]+)*))?"
_NP = rf"(?:[Tt]he |[Aa]n? )?(?P<thing>(?:[a-z-]+ ){{0,2}}?[a-z-]+){_AT}"
_WHOSE = rf"(?P<who>{NAME})"
_BE = r"(?:is|was|are|were|had always been|has always been|always was)"

_HAND = [
    re.compile(rf"{_WHOSE} {_BE} (?:naturally )?(?P<v>left|right)-hand(?:ed|er)"),
    re.compile(rf"{_WHOSE} {_BE} a (?P<v>left|right)-handed"),
    re.compile(
        rf"{_WHOSE} (?:always )?(?:writes?|wrote|draws?|drew|paints?|painted|signs?|signed|throws?|threw) "
        rf"(?:[^.;]*? )?with (?:his|her|their|{NAME}'s|the) (?P<v>left|right)(?: hand)?\b"
    ),
]
_SIDED = "eye|ear|hand|leg|arm|foot|knee|shoulder|cheek|wrist|thumb|wing|paw"
_HURT = "torn|missing|lost|scarred|broken|blind|lame|stiff|gone|wooden|crushed|maimed|deaf|burnt|burned|withered|scar"
_SIDE = [
    re.compile(rf"{_WHOSE}'s? (?P<v>left|right) (?P<part>{_SIDED}) (?:is|was|had been) (?P<how>{_HURT})\b"),
    re.compile(
        rf"{_WHOSE} (?:has |had )?(?P<how>lost|broke|broken|burnt|crushed) (?:his|her|their|{NAME}'s) "
        rf"(?P<v>left|right) (?P<part>{_SIDED})\b"
    ),
    re.compile(
        rf"{_WHOSE} (?:has|had) a (?P<how>scar|tattoo|mole|birthmark) (?:on|over|above|under|down|across) "
        rf"(?:his|her|their|the) (?P<v>left|right) (?P<part>{_SIDED})\b"
    ),
]
_SEX = word_list("mare stallion gelding pony")
_COLOURS = "white|black|grey|gray|red|blue|green|yellow|brown|golden|silver|purple|pink|orange|chestnut|scarlet|crimson"
_OF_COLOUR = [
    re.compile(
        rf"{_WHOSE}'s? (?P<c>{_COLOURS}) (?P<noun>(?!eye|hair|beard|head|face|skin|dress|coat|shirt|hat)[a-z]+)\b"
    ),
    re.compile(
        rf"{_WHOSE} (?:rides|rode|drives|drove|owns|owned|keeps|kept|flies|flew|sails|sailed) an? (?:[a-z]+ )?"
        rf"(?P<c>{_COLOURS}) (?P<noun>[a-z]+)\b"
    ),
    re.compile(
        rf"{_WHOSE}'s? (?P<noun>(?!eye|hair|beard|head|face|skin)[a-z]+) (?:is|was) (?:painted )?(?P<c>{_COLOURS})\b"
    ),
]
_WHERE = r"(?:of|at|on|to) (?P<where>(?:the )?[\w-]+(?: [A-Z][\w-]+)*)"
_THING_COLOUR = [
    re.compile(rf"\b[Tt]he (?P<noun>[a-z]+) {_WHERE} (?:is|was) (?:painted )?(?P<c>{_COLOURS})\b"),
    re.compile(rf"\b[Tt]he (?P<c>{_COLOURS}) (?P<noun>[a-z]+) {_WHERE}(?=[ .,;!?]|$)"),
]
_TITLE_CASE = r"(?:The )?[A-ZÀ-ÖØ-Þ][\w'-]+(?: (?:of |and |the )?[A-ZÀ-ÖØ-Þ][\w'-]+){0,3}"
_NAMED = [
    re.compile(
        rf"\b[Tt]he (?P<noun>[a-z]+)(?: {_BE}|,)? (?:which {_BE} |that {_BE} )?(?:called|named) (?P<v>{_TITLE_CASE})"
    ),
    re.compile(rf"{_WHOSE}'s (?P<noun>[a-z]+) (?:{_BE} )?(?:called|named) (?P<v>{_TITLE_CASE})"),
    re.compile(
        rf"{_WHOSE}'s (?P<noun>dog|cat|horse|mare|boat|ship|parrot|pony|donkey|hound), (?P<v>{_TITLE_CASE}),"
    ),
    re.compile(
        rf"{_WHOSE} (?:has|had|owns|owned|keeps|kept) an? (?:[a-z]+ )?(?P<noun>[a-z]+)(?:,| which is| that is)? "
        rf"(?:called|named) (?P<v>{_TITLE_CASE})"
    ),
]
_FAMILY = r"(?:the )?"
_OWNED = [
    re.compile(rf"{_NP} (?:belongs|belonged|had always belonged) to {_FAMILY}(?P<owner>{NAME})"),
    re.compile(rf"{_NP} (?:is|was) owned by {_FAMILY}(?P<owner>{NAME})"),
    re.compile(rf"{_NP} (?:is|was) (?P<owner>{NAME})'s(?=[.,;:!]|$)"),
    re.compile(
        rf"{_FAMILY}(?P<owner>{NAME})(?: family)? (?:owns|owned|had owned|has owned|had always owned) "
        rf"(?:the )(?P<thing>(?:[a-z-]+ ){{0,2}}?[a-z-]+){_AT}"
    ),
]
_NONE = [
    re.compile(
        r"\b[Tt]here (?:is|was|are|were) no (?P<noun>[a-z]+) (?:at|in|on|aboard) (?P<where>(?:the )?[\w-]+)"
    ),
    re.compile(rf"(?:[Tt]he )?{_WHOSE} (?:has|had|carries|carried) no (?P<noun>[a-z]+)\b"),
]
_SOME = [
    re.compile(rf"{_WHOSE}'s (?P<noun>[a-z]+)\b"),
    re.compile(r"\b[Tt]he (?P<noun>[a-z]+) (?:at|in|on|aboard) (?P<where>(?:the )?[\w-]+)"),
    re.compile(
        r"\b[Aa](?:t|board) (?P<where>the [\w-]+),? [a-z]+ [a-z]+ (?:on |up )?(?:the|an?) (?P<noun>[a-z]+)"
    ),
]
_SIBLINGS = [
    re.compile(
        rf"{_WHOSE} {_BE} (?:the |an? )?(?P<v>older|elder|younger) (?:brother|sister) of (?P<b>{NAME})"
    ),
    re.compile(rf"{_WHOSE} {_BE} (?P<b>{NAME})'s (?P<v>older|elder|younger|little|big) (?:brother|sister)\b"),
    re.compile(rf"(?P<b>{NAME})'s (?P<v>older|elder|younger|little|big) (?:brother|sister),? {_WHOSE}\b"),
]
_SENIOR = {"older": "older", "elder": "older", "big": "older", "younger": "younger", "little": "younger"}
_TRADES = frozenset(
    word_list("""
        baker butcher barber blacksmith carpenter clerk cobbler cook dentist diver doctor driver engineer farmer
        ferryman fisherman florist gardener glazier innkeeper jeweller joiner journalist judge lawyer librarian
        locksmith mason mechanic midwife miller miner nurse painter pharmacist photographer pianist pilot plumber
        policeman potter priest printer sailor saddler shepherd shoemaker stonemason surgeon tailor tanner teacher
        translator watchmaker weaver vet architect accountant astronomer biologist glaciologist botanist
""")
)
_TRADE = re.compile(
    rf"{_WHOSE}(?P<rel>'s (?:father|mother|husband|wife))? (?:(?:is|was|had been)|works as|worked as) an? "
    rf"(?:[a-z-]+ )?(?P<v>{'|'.join(sorted(_TRADES))})\b(?!'s)"
)
_TALL = re.compile(
    rf"{_WHOSE}(?:,? (?:is|was|stands|stood)|, at|,) (?P<m>\d\.\d\d?|one metre [a-z-]+|\d{{3}})"
    r"(?: (?P<u>metres|meters|m|cm|centimetres))?(?: tall|,|\.|$)"
)
_CANNOT = re.compile(
    rf"{_WHOSE} (?:cannot|can't|could not|couldn't|can not|is unable to|was unable to|never learned to|never learnt to|"
    rf"does not|doesn't|did not|didn't|never) (?P<verb>[a-z]+)(?=(?P<rest>[^.;,]*))"
)
_ABLE = frozenset(
    word_list("read write swim drive ride drink smoke eat sing dance speak cook fly play sail walk")
)
_DOES = re.compile(rf"{_WHOSE}(?: [a-z]+ly)? (?P<verb>[a-z]+)(?=(?P<rest>[^.;]*))")
_BOTH = r"(?! in (?:one|his|her|the))"
_BLIND = re.compile(
    rf"{_WHOSE} (?:is|was|has been|had been) (?:born )?(?:quite |completely |totally )?blind\b{_BOTH}"
)
_DEAF = re.compile(
    rf"{_WHOSE} (?:is|was|has been|had been) (?:born )?(?:stone |quite |completely )?deaf\b{_BOTH}"
)
_CLASSES = {
    "alcohol": "alcohol beer wine brandy whisky whiskey gin rum vodka champagne cider sherry port ale liquor schnapps",
    "meat": "meat beef pork lamb chicken bacon ham sausage steak veal mutton",
}
_CLASS_OF = {stem(word): name for name, words in _CLASSES.items() for word in words.split()}
_DEAD = re.compile(
    rf"(?P<who>{NAME}(?:'s [a-z]+)?)(?: the [a-z]+)? (?:is|was|has been|had been) (?:long |already )?"
    r"dead\b(?! (?:tired|asleep|wrong|sure))"
)
_DIED = re.compile(
    rf"{_WHOSE} (?:had )?(?:died|was killed|drowned|was hanged|was shot) (?:[^.;]*? )?"
    rf"(?:in|of) (?P<y>1\d{{3}}|20\d\d)\b"
)
_IN_YEAR = re.compile(rf"\b[Ii]n (?P<y>1\d{{3}}|20\d\d),? (?:[a-z ]+ )?{_WHOSE} (?P<verb>[a-z]+)\b")
_ABROAD = [
    (re.compile(rf"{_WHOSE} (?:has|had) never been (?P<v>abroad|at sea|married|in love)\b"), False),
    (
        re.compile(
            rf"{_WHOSE} (?:has|had)(?: already| once| often)? been (?P<v>abroad|at sea|married|in love)\b"
        ),
        True,
    ),
]


def slots(text: str) -> Iterator[Slot]:
    """What the sentence (pronouns resolved) puts into slots."""
    if text.rstrip("\"'”").endswith("?"):
        return
    yield from _bodies(text)
    yield from _things(text)
    yield from _abilities(text)
    yield from _lives(text)


def changeable(slot: Slot) -> bool:
    """Whether a story can change it from one chapter to the next."""
    return not slot.kind.startswith(("hand", "side", "tall", "beside")) and slot.value != "dead"


def slots_clash(a: Slot, b: Slot) -> bool:
    """Whether not both can be true, `a` having been said first."""
    if a.kind != b.kind or a.value == b.value or not (a.subject <= b.subject or b.subject <= a.subject):
        return False
    if a.kind == "tall":
        return abs(float(a.value) - float(b.value)) > 0.04
    if a.kind.startswith(("name", "owner", "colour", "none")) and a.subject != b.subject:
        return False
    if a.kind.startswith("name"):
        return not (a.value in b.value or b.value in a.value)
    if a.kind == "living":
        # Who acts first and is dead later has died meanwhile.
        return _outlived(a.value, b.value) or (b.value != "dead" and _outlived(b.value, a.value))
    if a.kind.startswith("none") or a.kind.startswith("can "):
        return {a.value, b.value} == {"no", "yes"}
    return True


def _outlived(death: str, act: str) -> bool:
    """Whether somebody acts after their death: `died 1979` and `acts 1985`, or `dead` and `acts`."""
    if not death.startswith(("died", "dead")) or not act.startswith("acts"):
        return False
    ended, acted = death.removeprefix("died").strip(), act.removeprefix("acts").strip()
    return death == "dead" if not acted else ended.isdigit() and int(acted) > int(ended)


def _bodies(text: str) -> Iterator[Slot]:
    for kind, patterns in (("hand", _HAND), ("side", _SIDE)):
        for match in _real(patterns, text, "v"):
            found = match.groupdict()
            person = key_of(match["who"])
            if person and not (
                kind == "hand" and re.search(r"\bhand[^.;]* and [^.;]*\bhand\b|other hand", text)
            ):
                how = {"broke": "broken", "burned": "burnt"}.get(
                    found.get("how") or "", found.get("how") or ""
                )
                yield Slot(person, f"{kind} {found.get('part') or ''} {how}".strip(), match["v"])
    for match in _TALL.finditer(text):
        metres = _metres(match["m"], match["u"] or "")
        if metres and key_of(match["who"]):
            yield Slot(key_of(match["who"]), "tall", str(metres))
    for match in _real(_SIBLINGS, text, "v"):
        if key_of(match["who"]) and key_of(match["b"]):
            other = " ".join(sorted(key_of(match["b"])))
            yield Slot(key_of(match["who"]), f"beside {other}", _SENIOR[match["v"]])
    for match in _real([_TRADE], text, "v"):
        if key_of(match["who"]):
            yield Slot(key_of(match["who"]), f"trade{match['rel'] or ''}", match["v"])


def _metres(text: str, unit: str) -> float | None:
    if text.startswith("one metre"):
        more = number_of(text.removeprefix("one metre ").strip())
        return 1 + more / 100 if more and more < 100 else None
    value = float(text)
    if unit.startswith("c") or value >= 100:
        return value / 100 if unit.startswith("c") and 100 <= value <= 250 else None
    return value if 1 < value < 2.6 else None


def _things(text: str) -> Iterator[Slot]:
    for match in _real(_OF_COLOUR, text, "c"):
        if key_of(match["who"]):
            yield Slot(key_of(match["who"]), f"colour {_noun(match['noun'])}", colour(match["c"], "thing"))
    for match in _real(_THING_COLOUR, text, "c"):
        yield Slot(_roots(match["where"]), f"colour {_noun(match['noun'])}", colour(match["c"], "thing"))
    for match in _real(_NAMED, text, "v"):
        found = match.groupdict()
        owner = key_of(found["who"]) if found.get("who") else frozenset({"the"})
        if owner:
            yield Slot(owner, f"name {_noun(match['noun'])}", match["v"].lower())
    for match in _real(_OWNED, text, "owner"):
        owner, thing = key_of(match["owner"]), _roots(f"{match['thing']} {match['where'] or ''}")
        if owner and len(thing) > 1:
            yield Slot(thing, "owner", " ".join(sorted(owner)))
    for patterns, value in ((_NONE, "no"), (_SOME, "yes")):
        for pattern in patterns:
            for match in pattern.finditer(text):
                found = match.groupdict()
                place = key_of(found["who"]) if found.get("who") else _roots(found.get("where") or "")
                if place and (value == "no" or not _UNREAL.search(text[: match.end()])):
                    yield Slot(place, f"none {stem(match['noun'])}", value)


def _abilities(text: str) -> Iterator[Slot]:
    for match in _CANNOT.finditer(text):
        verb = stem_of_verb(match["verb"])
        if verb in _ABLE and key_of(match["who"]):
            of = _object(match["rest"])
            if not of or of in _CLASSES:
                yield Slot(key_of(match["who"]), f"can {verb} {of}".strip(), "no")
    for pattern, verbs in ((_BLIND, ("see", "watch", "read")), (_DEAF, ("hear", "listen"))):
        for match in pattern.finditer(text):
            if key_of(match["who"]):
                yield from (Slot(key_of(match["who"]), f"can {verb}", "no") for verb in verbs)
    if _UNREAL.search(text):
        return
    for match in _DOES.finditer(text):
        person, verb = key_of(match["who"]), stem_of_verb(match["verb"])
        if person and match["verb"] in forms_of(verb):
            of = _object(match["rest"])
            yield Slot(person, f"can {verb}", "yes")
            if of:
                yield Slot(person, f"can {verb} {of}", "yes")


def _object(rest: str) -> str:
    """The class of what is eaten or drunk, else the first word that tells something; empty where there is none."""
    words = re.findall(r"[a-z]+", rest.lower())
    found = next((_CLASS_OF[stem(word)] for word in words if stem(word) in _CLASS_OF), "")
    return found or next((stem(word) for word in words if word not in STOPWORDS), "")


def _lives(text: str) -> Iterator[Slot]:
    for match in _DIED.finditer(text):
        if key_of(match["who"]) and not _UNREAL.search(text[: match.start()]):
            yield Slot(key_of(match["who"]), "living", f"died {match['y']}")
    for match in _DEAD.finditer(text):
        who = _whole(match["who"])
        if who and not _UNREAL.search(text[: match.end()]):
            yield Slot(who, "living", "dead")
    for match in _IN_YEAR.finditer(text):
        if key_of(match["who"]) and match["verb"] in ACTING and not _UNREAL.search(text):
            yield Slot(key_of(match["who"]), "living", f"acts {match['y']}")
    match = re.match(rf"(?P<who>{NAME}(?:'s [a-z]+)?) (?P<verb>[a-z]+)\b", text)
    if match and match["verb"] in ACTING and not _UNREAL.search(text) and " had " not in text:
        who = _whole(match["who"])
        if who:
            yield Slot(who, "living", "acts")
    for pattern, value in _ABROAD:
        for match in pattern.finditer(text):
            if key_of(match["who"]):
                yield Slot(key_of(match["who"]), f"can {match['v']}", "yes" if value else "no")


def _whole(who: str) -> Subject:
    """A person, or somebody's father: whose words are all needed to mean them."""
    name, _, kin = who.partition("'s ")
    key = key_of(name)
    return key | {f"'s {kin}"} if key and kin else key


def _real(patterns: list[re.Pattern[str]], text: str, at: str) -> Iterator[re.Match[str]]:
    for pattern in patterns:
        for match in pattern.finditer(text):
            if not _UNREAL.search(text[: match.start(at)]):
                yield match


def _noun(word: str) -> str:
    return "horse" if word in _SEX else stem(word)


def _roots(text: str) -> Subject:
    return frozenset(stem(w) for w in re.findall(r"[^\W\d_]+", text.lower()) if w not in STOPWORDS)
