"""Arrangements of every genre, judged by the checker that reads the files and shares no code with the arranger."""

import random
from itertools import pairwise

import pytest

from scrivano.music.arrange import arrange, default_title
from scrivano.music.arrange.strokes import read_pattern
from scrivano.music.arrange.styles import LANES, STYLES, level
from scrivano.music.checker.check import check_files
from scrivano.music.dto import Arrangement, Genre, MusicRequest, Note, PartName
from scrivano.music.files import write_midi, write_musicxml
from scrivano.music.genres import GENRES
from scrivano.music.progression import generate, settle
from scrivano.music.theory import meter_of

ALL = [
    (genre, application.slug, meter)
    for genre, data in GENRES.items()
    for application in data.applications
    for meter in data.meters
]
# What the notes alone decide; the rest is the progression's business.
NOTES = {
    "FILES", "R-ALL-1", "R-ALL-2", "R-ALL-3", "R-ALL-7", "R-ALL-8", "R-ALL-9", "R-ALL-10", "R-ALL-11", "R-ALL-12",
    "R-GOSPEL-4", "R-JAZZ-4", "R-JAZZ-6", "R-BLUES-5", "R-BLUES-6", "R-NEOSOUL-5", "R-REGGAE-4", "R-REGGAE-5",
    "R-REGGAE-6", "R-LATIN-1", "R-LATIN-2", "R-LATIN-4", "R-LATIN-5", "R-LATIN-6", "R-RNB-4",
    "R-CLASSICAL-6", "R-CLASSICAL-7", "R-CLASSICAL-8", "R-CLASSICAL-9", "R-CLASSICAL-10",
}  # fmt: skip


def make(genre: Genre, application: str, meter: str = "4/4", seed: int = 1, **given: object) -> Arrangement:
    data = {"bars": 8, "key": "Eb", "difficulty": 3, **given}
    settled = settle(MusicRequest(genre=genre, application=application, meter=meter, seed=seed, **data))  # type: ignore[arg-type]
    return arrange(generate(settled), settled)


def faults(piece: Arrangement) -> list[str]:
    found = check_files(write_midi(piece), write_musicxml(piece), piece.request)
    return [str(v) for v in found if v.rule in NOTES]


@pytest.mark.parametrize(("genre", "application", "meter"), ALL)
def test_the_notes_keep_every_hard_rule(genre: Genre, application: str, meter: str) -> None:
    rng = random.Random(f"{genre}{application}{meter}")
    for difficulty in (1, 3, 5):
        piece = make(
            genre, application, meter, rng.randrange(999), difficulty=difficulty,
            key=rng.choice(["C", "D", "F#", "Ab", "Bb"]), mode=rng.choice(("major", "minor")), bars=rng.choice((4, 7, 12)),
        )  # fmt: skip
        assert faults(piece) == []


@pytest.mark.parametrize("bounds", [(36, 60), (48, 72), (60, 84), (21, 60), (41, 77), (60, 108)])
def test_small_instruments(bounds: tuple[int, int]) -> None:
    for genre in GENRES:
        if genre is Genre.CLASSICAL:
            continue
        application = GENRES[genre].applications[0].slug
        meter = GENRES[genre].meters[0]
        assert faults(make(genre, application, meter, lowest=bounds[0], highest=bounds[1])) == []


@pytest.mark.parametrize("genre", list(GENRES))
def test_difficulty_grows(genre: Genre) -> None:
    application = GENRES[genre].applications[0]
    counts = []
    for difficulty in (1, 2, 3, 4, 5):
        pieces = [make(genre, application.slug, difficulty=difficulty, seed=s, bars=16) for s in range(6)]
        hands = [n for p in pieces for n in p.notes if n.part in {"right", "left"}]
        counts.append(len(hands))
    assert counts[0] < counts[2] < counts[4] and counts[0] * 1.4 < counts[4], counts


def test_the_same_request_gives_the_same_notes_and_another_seed_others() -> None:
    assert make(Genre.JAZZ, "swing") == make(Genre.JAZZ, "swing")
    first = make(Genre.JAZZ, "swing")
    again = arrange(first.progression, first.request.model_copy(update={"seed": 2}))
    assert again.notes != first.notes


def strikes(piece: Arrangement, part: PartName, bar: int, numbers: set[int] | None = None) -> set[int]:
    length = meter_of(piece.progression.meter).bar
    return {
        (n.onset - (bar - 1) * length) // 240
        for n in piece.notes
        if n.part == part and n.onset // length == bar - 1 and (numbers is None or n.midi in numbers)
    }


@pytest.mark.parametrize("direction", ["2-3", "3-2"])
def test_clave_direction_is_read_and_kept(direction: str) -> None:
    piece = make(Genre.LATIN, "salsa", description=f"son montuno in {direction} clave", bars=8)
    assert piece.clave == direction
    sides = [strikes(piece, "drums", bar, {75}) for bar in range(1, 8)]
    two, three = {2, 4}, {0, 3, 6}
    assert sides[0] == (two if direction == "2-3" else three)
    assert all({*map(frozenset, pair)} == {frozenset(two), frozenset(three)} for pair in pairwise(sides))


def test_both_clave_directions_come_up() -> None:
    assert {make(Genre.LATIN, "salsa", seed=s).clave for s in range(12)} == {"2-3", "3-2"}
    assert make(Genre.LATIN, "bolero").clave is None


def test_reggae_counts_by_tempo() -> None:
    slow, fast = make(Genre.REGGAE, "roots", tempo=76), make(Genre.REGGAE, "roots", tempo=150)
    assert strikes(fast, "right", 3) == {2, 6} and strikes(slow, "right", 3) == {1, 3, 5, 7}
    assert strikes(fast, "drums", 3, {36}) == {4} and strikes(slow, "drums", 3, {36}) == {2, 6}


def test_swing_and_its_absence() -> None:
    assert make(Genre.BLUES, "shuffle").swing == pytest.approx(0.667)
    assert make(Genre.BLUES, "slow", "12/8").swing == 0.5
    assert make(Genre.CLASSICAL, "baroque").swing == 0.5


def test_parts_are_those_of_the_genre() -> None:
    assert {n.part for n in make(Genre.GOSPEL, "practice").notes} == {"right", "left"}
    assert {n.part for n in make(Genre.CLASSICAL, "romantic", "3/4").notes} == {"right", "left"}
    assert {n.part for n in make(Genre.RNB, "groove").notes} == {"right", "left", "bass", "drums"}


def test_a_melody_is_played_unchanged() -> None:
    settled = settle(MusicRequest(genre=Genre.JAZZ, application="ballad", key="C", bars=4))
    tune = [Note(part="right", midi=72 + i, onset=480 * i, duration=480) for i in range(4)]
    piece = arrange(
        generate(settled), settled, melody=tune, title="Tune", generation_method="some-model + rules"
    )
    assert [n.midi for n in piece.notes if n.part == "melody"] == [72, 73, 74, 75]
    assert (piece.title, piece.generation_method) == ("Tune", "some-model + rules")


def test_titles() -> None:
    assert (
        default_title(make(Genre.LATIN, "bossa", key="F#", mode="minor").request)
        == "Latin bossa nova in F♯ minor"
    )
    assert default_title(make(Genre.BLUES, "slow").request) == "Slow blues in E♭ major"
    assert default_title(make(Genre.CLASSICAL, "classical").request) == "Classical in E♭ major"


@pytest.mark.parametrize("genre", list(GENRES))
def test_locked_bars_keep_their_notes(genre: Genre) -> None:
    data = GENRES[genre]
    application, meter = data.applications[0].slug, data.meters[0]
    piece = make(genre, application, meter, bars=16)
    again = piece.request.model_copy(update={"seed": 99})
    locked = [bar for bar in range(1, 17) if bar not in {6, 7, 11}]
    same = arrange(piece.progression, again, previous=piece, locked=locked)
    assert same.clave == piece.clave and same.locked_bars == tuple(locked)
    length = meter_of(meter).bar
    for bar in locked:
        before, after = (
            {n for n in p.notes if n.onset // length == bar - 1 and n.onset + n.duration <= bar * length}
            for p in (piece, same)
        )
        if bar + 1 in locked:
            assert before == after, (genre, bar)
    # With the same chords nothing that leads into a free bar has to change its notes' names either.
    assert faults(same) == []


def test_every_pattern_can_be_read() -> None:
    for styles in STYLES.values():
        for style in styles.values():
            for grooves in (style.grooves, style.slow):
                for meter, groove in grooves.items():
                    bar = meter_of(meter).bar
                    rhythms = [
                        r for d in range(1, 6) for r in (*level(groove.right, d), *level(groove.left, d))
                    ]
                    rhythms += [] if groove.bass == "walk" else groove.bass
                    lanes = [lane.strip().split(" ", 1) for kit in groove.drums for lane in kit.split("/")]
                    assert all(letter in LANES for letter, _ in lanes)
                    for pattern in [r for r in rhythms if r != "="] + [p for _, p in lanes]:
                        for steps, _ in read_pattern(pattern, bar):
                            assert all(step.start % 60 == 0 for step in steps)
    with pytest.raises(ValueError, match="7 steps"):
        read_pattern("x......", 1920)
