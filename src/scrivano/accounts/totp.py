"""Codes of an authenticator app: RFC 6238 over HMAC-SHA-1, six digits, a new one every 30 seconds."""

import base64
import hmac
import secrets
from collections.abc import Sequence
from urllib.parse import quote

STEP_SECONDS = 30
DIGITS = 6
_SECRET_BYTES = 20
_CODES = 10
# Clocks may be off by a step, and a code may be sent just after it changed.
_STEPS_AROUND = (0, -1, 1)
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is taken for another


def new_secret() -> str:
    """160 random bits in base32, as apps take them."""
    return base64.b32encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def code_at(secret: str, step: int, digits: int = DIGITS) -> str:
    """The code of a time step (seconds since 1970 divided by 30), by RFC 4226's truncation."""
    key = base64.b32decode(secret)
    mac = hmac.digest(key, step.to_bytes(8, "big"), "sha1")
    offset = mac[-1] & 0x0F
    number = int.from_bytes(mac[offset : offset + 4], "big") & 0x7FFFFFFF
    return str(number % 10**digits).zfill(digits)


def matching_step(secret: str, code: str, seconds: float) -> int | None:
    """The time step whose code this is, no more than one away from now; None: it is of none."""
    now = int(seconds) // STEP_SECONDS
    found = None
    for around in _STEPS_AROUND:
        if hmac.compare_digest(code_at(secret, now + around).encode(), code.encode("utf-8", "replace")):
            found = now + around if found is None else found
    return found


def address(secret: str, account: str, issuer: str = "Scrivano") -> str:
    """The `otpauth:` address that apps read from a QR code."""
    label = f"{quote(issuer, safe='')}:{quote(account, safe='')}"
    settings = f"issuer={quote(issuer, safe='')}&digits={DIGITS}&period={STEP_SECONDS}"
    return f"otpauth://totp/{label}?secret={secret}&{settings}"


def new_recovery_codes() -> Sequence[str]:
    """Ten codes of 59 random bits each, such as `k7wq-m3xf-8hzt`."""
    return [
        "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(3)) for _ in range(_CODES)
    ]


def plain(code: str) -> str:
    """A code as it is compared: without spaces and hyphens, in small letters."""
    return "".join(code.split()).replace("-", "").lower()
