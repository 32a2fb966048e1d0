"""Codes, recovery codes, passwords and tokens."""

import base64

import pytest

from scrivano.accounts import totp
from scrivano.accounts.dto import WeakPassword
from scrivano.accounts.passwords import COST, Passwords, check_strength
from scrivano.accounts.tokens import csrf_token, digest, new_token, same

RFC_SECRET = base64.b32encode(b"12345678901234567890").decode()


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "94287082"),
        (1111111109, "07081804"),
        (1111111111, "14050471"),
        (1234567890, "89005924"),
        (2000000000, "69279037"),
        (20000000000, "65353130"),
    ],
)
def test_codes_are_those_of_rfc_6238(seconds: int, code: str) -> None:
    """The vectors of its appendix B for SHA-1."""
    assert totp.code_at(RFC_SECRET, seconds // 30, digits=8) == code


def test_a_code_counts_a_step_around_now_and_no_longer() -> None:
    now = 1_700_000_010.0
    step = int(now) // 30
    for around, found in ((0, step), (-1, step - 1), (1, step + 1), (-2, None), (2, None)):
        assert totp.matching_step(RFC_SECRET, totp.code_at(RFC_SECRET, step + around), now) == found
    assert totp.matching_step(RFC_SECRET, "", now) is None
    assert totp.matching_step(RFC_SECRET, "９４２８７０", now) is None


def test_the_address_for_apps_is_escaped() -> None:
    made = totp.address("ABC", "a&b@example.org")
    assert made.startswith("otpauth://totp/Scrivano:a%26b%40example.org?secret=ABC&issuer=Scrivano")


def test_recovery_codes_are_ten_different_ones_without_letters_that_look_alike() -> None:
    codes = totp.new_recovery_codes()
    assert len(set(codes)) == 10
    assert not set("".join(codes)) & set("il1o0")
    assert totp.plain(f" {codes[0].upper()} ") == codes[0].replace("-", "")


def test_hashes_cost_what_rfc_9106_advises() -> None:
    assert COST == {"time_cost": 3, "memory_cost": 65_536, "parallelism": 4}


async def test_a_password_is_checked_and_an_unknown_name_takes_a_hash_as_well(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in {"time_cost": 1, "memory_cost": 64, "parallelism": 1}.items():
        monkeypatch.setitem(COST, name, value)
    passwords = Passwords()
    known = await passwords.make("seven quiet herons")
    assert known.startswith("$argon2id$")
    assert await passwords.check("seven quiet herons", known) == (True, None)
    assert (await passwords.check("seven quiet heron", known))[0] is False
    assert await passwords.check("nobody has this password", None) == (False, None)
    assert await passwords.check("x", "not a hash") == (False, None)
    monkeypatch.setitem(COST, "time_cost", 2)
    right, better = await Passwords().check("seven quiet herons", known)
    assert right and better is not None and "t=2" in better
    passwords.close()


@pytest.mark.parametrize(
    "word",
    [
        *("short", "aaaaaaaaaaaa", "0123456789", "1234567890", "ada@example.org", "Ada Amsel X", "x" * 1001),
        *(
            "password123",
            "Passw0rd!!!",
            "p@ssword2024",
            "qwertyuiop",
            "qwerty12345",
            "1q2w3e4r5t",
            "ABC123abc123",
        ),
        *("welcome2024!", "iloveyou12", "12345123451", "scrivano2026", "20261121-2030", "hunter2hunter2"),
        "ada12345678",
    ],
)
def test_weak_passwords_are_refused(word: str) -> None:
    with pytest.raises(WeakPassword):
        check_strength(word, "ada@example.org", "Ada Amsel X")


@pytest.mark.parametrize(
    "word",
    [
        *("семь тихих цапель", "correct horse battery", "dragon summer cookie angel", "x9$kLm2!qpWe"),
        *("$%&/()=?!!$%", "8301 5526 9741 0063", "Adastra by night 7"),
    ],
)
def test_what_nobody_guesses_soon_makes_a_password_in_any_alphabet(word: str) -> None:
    check_strength(word, "ada@example.org", "Ada")


def test_the_page_s_token_follows_from_the_session_and_does_not_tell_it() -> None:
    session = new_token()
    assert csrf_token(session) == csrf_token(session) != csrf_token(new_token())
    assert session not in csrf_token(session)
    assert len(digest(session)) == 32
    assert same("ä", "ä") and not same("ä\udcff", "ä")
