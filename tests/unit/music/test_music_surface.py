"""What other rooms import of music costs little, and everything it promises is there."""

import subprocess
import sys

import scrivano.music.public as surface

HEAVY = ("sqlalchemy", "numpy", "verovio", "dbos", "scrivano.music.predictor")


def test_everything_promised_is_there() -> None:
    assert all(getattr(surface, name) is not None for name in surface.__all__)
    assert not hasattr(surface, "anything_else")


def test_nothing_heavy_is_loaded_before_it_is_asked_for() -> None:
    told = f"import sys, scrivano.music.public; print([m for m in {HEAVY!r} if m in sys.modules])"
    seen = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    assert seen.stdout.strip() == "[]"
