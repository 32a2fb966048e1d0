"""How near two descriptions are: audiences, tones, and the place a passage has in an argument."""

import re

from scrivano.references.public import terms, words

_AUDIENCES: tuple[tuple[str, str], ...] = (
    (
        "beginners",
        "beginner beginners novice novices newcomer newcomers starter starters new first-time "
        "curious everyone general layperson laypeople absolute hobby hobbyists amateurs",
    ),
    (
        "practitioners",
        "practitioner practitioners professional professionals staff teacher teachers educator "
        "educators worker workers specialist specialists freelancer freelancers creator "
        "creators marketer marketers developer developers teams editors writers clinicians "
        "consultants",
    ),
    (
        "experts",
        "expert experts advanced experienced senior analyst analysts researcher researchers "
        "scientist scientists engineer engineers architects",
    ),
    (
        "owners",
        "owner owners manager managers leader leaders founder founders entrepreneur "
        "entrepreneurs director directors executive executives shop shops business businesses "
        "seller sellers merchants shopkeepers solopreneurs",
    ),
    (
        "parents",
        "parent parents family families caregiver caregivers mother mothers father fathers mum "
        "dad grandparent grandparents carer carers childminders",
    ),
    ("students", "student students learner learners pupil pupils teen teens teenagers undergraduates"),
)
_TONES: tuple[tuple[str, str], ...] = (
    ("warm", "warm friendly encouraging gentle reassuring kind caring supportive personal patient calm"),
    ("playful", "playful light humorous humourous funny fun lively witty cheerful light-hearted"),
    (
        "practical",
        "practical hands-on direct plain clear step-by-step straightforward pragmatic concrete simple brisk",
    ),
    (
        "analytical",
        "analytical rigorous evidence evidence-based precise academic sober formal critical technical data",
    ),
    ("inspiring", "inspiring motivating motivational ambitious bold visionary energetic confident"),
)
_NEIGHBOURS = {
    frozenset({"practitioners", "experts"}): 0.6,
    frozenset({"owners", "practitioners"}): 0.4,
    frozenset({"beginners", "parents"}): 0.4,
    frozenset({"beginners", "students"}): 0.5,
    frozenset({"warm", "playful"}): 0.5,
    frozenset({"warm", "inspiring"}): 0.4,
    frozenset({"practical", "analytical"}): 0.2,
}


def fit(audience: str, tone: str, sample_audience: str, sample_tone: str) -> float:
    """How well a sample suits who is written for and how: 0 not at all, 1 entirely."""
    return 0.65 * _near(audience, sample_audience, _AUDIENCES) + 0.35 * _near(tone, sample_tone, _TONES)


def _near(one: str, other: str, groups: tuple[tuple[str, str], ...]) -> float:
    mine, theirs = set(terms(one)), set(terms(other))
    shared = len(mine & theirs) / max(1, min(len(mine), len(theirs)))
    best = 0.0
    for a in _groups(one, groups):
        for b in _groups(other, groups):
            best = max(best, 0.8 if a == b else _NEIGHBOURS.get(frozenset({a, b}), 0.0))
    return max(best, shared, 0.8 * best + 0.2 * shared)


def _groups(text: str, groups: tuple[tuple[str, str], ...]) -> list[str]:
    found = set(re.findall(r"[a-z]+(?:-[a-z]+)*", text.lower())) | set(words(text))
    return [name for name, members in groups if found & set(members.split())]


# The steps of an argument with the words that headings of such passages have.
_STEPS: tuple[tuple[int, str], ...] = (
    (
        8,
        "when to (?:see|ask|seek)|(?:seek|ask for|professional) help|conclusion|in closing|outlook",
    ),
    (
        5,
        "mistake|pitfall|fail|wrong|error|fault|trap|trouble|avoid|never|warning|myth|danger|loop|hazard|break",
    ),
    (6, "measur|metric|test|track|count|score|evaluat|monitor|check|review|figure|number|audit|sign"),
    (7, "maintain|mainten|improv|monthly|weekly|year|routine|keep|grow|long|habit|rehears|after"),
    (
        0,
        "what|defini|meaning|basic|introduc|overview|anatomy|vocabular|kind|type|stage|how .* work",
    ),
    (1, "why|reason|benefit|case for|worth|matter"),
    (2, "choos|select|plan|prepar|before|criteria|compar|question|sketch|decid|pick|budget|goal|find"),
    (4, "example|worked|sample|practice|story|game|activit|template|exercise|case"),
    (3, "how|step|build|set|start|creat|writ|make|connect|give|add|launch|first|read|use|run|teach|offer"),
)
STEPS = 8


def step_of(heading: str) -> int:
    """Where in an argument a section with this heading belongs: 0 definitions … 5 mistakes … 8 the close."""
    text = heading.lower()
    best = (len(text) + 1, 3)
    for step, signs in _STEPS:
        match = re.search(rf"\b(?:{signs})", text)
        if match and match.start() < best[0]:
            best = (match.start(), step)
    return best[1]
