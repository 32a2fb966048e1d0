"""The independent checker confirms what the generator and the mender say: reasons, spelling, home, form."""

import random

from test_generation import every_request, request
from test_repair import corrupted

from scrivano.music.checker.chords import read_key, read_symbol
from scrivano.music.checker.general import check_home, check_sections, check_spelling
from scrivano.music.checker.piece import Piece, Placed, SectionMark, Violation, Why
from scrivano.music.checker.reasons import check_reasons
from scrivano.music.dto import Progression, Settled
from scrivano.music.progression import generate, reharmonize, repair
from scrivano.music.theory import key_of


def violations(progression: Progression, settled: Settled) -> list[Violation]:
    """What the checker finds in the chords alone."""
    piece = Piece(
        genre=settled.genre.value,
        application=settled.application,
        home=read_key(f"{settled.key} minor" if settled.mode == "minor" else settled.key),
        meter=settled.meter,
        tempo=settled.tempo,
        bars=settled.bars,
        lowest=settled.lowest,
        highest=settled.highest,
        form=settled.form,
        chords=[
            Placed(
                index,
                span.bar,
                span.onset,
                span.onset + span.duration,
                read_symbol(span.symbol),
                Why(span.reason.kind, read_key(span.reason.key), span.reason.target, span.symbol),
            )
            for index, span in enumerate(progression.chords)
        ],
        notes=(),
        sections=[SectionMark(s.name, s.first_bar, s.bars) for s in progression.sections],
    )
    for check in (check_home, check_reasons, check_spelling, check_sections):
        check(piece)
    return piece.found


def test_the_checker_confirms_generated_mended_and_reharmonized_progressions() -> None:
    rng = random.Random(11)
    for number, (genre, application, tonic, mode, bars, meter) in enumerate(rng.sample(every_request(), 160)):
        bars = bars if number % 10 < 2 else min(bars, 12)
        key = key_of(tonic, "major" if mode == "major" else "minor")
        settled = request(
            genre, application, key=str(key.tonic), mode=mode, bars=bars, meter=meter, seed=rng.randrange(999)
        )
        progression = generate(settled)
        assert violations(progression, settled) == []
        if number % 4 == 0:
            assert violations(repair(corrupted(settled, rng), settled).progression, settled) == []
        if number % 4 == 1:
            changed = reharmonize(progression, settled, 2, bars - 1, seed=number)
            assert violations(changed, settled) == []
