import os
import stat
from pathlib import Path

import pytest

from scrivano.core.errors import InvalidInput
from scrivano.core.secrets import SecretBox, SecretLost, open_secret_box


def test_a_secret_opens_at_its_place_only() -> None:
    box = SecretBox(os.urandom(32))
    sealed = box.seal("hunter2", "providers/1")
    assert box.open(sealed, "providers/1") == "hunter2"
    assert b"hunter2" not in sealed
    with pytest.raises(SecretLost):
        box.open(sealed, "providers/2")
    with pytest.raises(SecretLost):
        box.open(sealed[:-1] + bytes([sealed[-1] ^ 1]), "providers/1")
    with pytest.raises(SecretLost, match="another key"):
        SecretBox(os.urandom(32)).open(sealed, "providers/1")


def test_keys_are_changed_without_a_stop() -> None:
    old, new = os.urandom(32), os.urandom(32)
    sealed = SecretBox(old).seal("hunter2", "x")
    both = SecretBox(new, old)
    assert both.open(sealed, "x") == "hunter2"
    assert not both.is_current(sealed)
    again = both.seal("hunter2", "x")
    assert both.is_current(again)
    assert SecretBox(new).open(again, "x") == "hunter2"


def test_the_key_file_is_made_once_and_private(tmp_path: Path) -> None:
    home = tmp_path / "home"
    sealed = open_secret_box(home).seal("a", "x")
    assert open_secret_box(home).open(sealed, "x") == "a"
    assert stat.S_IMODE((home / "secret.key").stat().st_mode) == 0o600
    assert [path.name for path in home.iterdir()] == ["secret.key"]


def test_bad_keys_are_named(tmp_path: Path) -> None:
    for text in ("short", "c2hvcnQ=", "%%%"):
        with pytest.raises(InvalidInput):
            open_secret_box(tmp_path, text)
