"""Secrets at rest: AES-256-GCM, the key's id in front, bound to its place by associated data."""

import base64
import binascii
import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from scrivano.core.errors import InvalidInput, OperationalError, ScrivanoError

_KEY_BYTES = 32
_NONCE_BYTES = 12
_ID_BYTES = 8


class SecretLost(OperationalError):
    """A stored secret cannot be read with the keys at hand, or it was moved to another place."""


class SecretBox:
    """Seals and opens secrets. `keys` are 32 bytes each; the first seals, all open.

    So keys can be changed without a stop: put the new one in front, seal everything again (see `Resealing`), drop
    the old one.
    """

    def __init__(self, *keys: bytes) -> None:
        if not keys or any(len(key) != _KEY_BYTES for key in keys):
            raise InvalidInput(
                "A secret key must be 32 bytes, written in base64.",
                field="SCRIVANO_SECRET_KEY",
                remedy="Make one with: openssl rand -base64 32",
            )
        self._keys = {_key_id(key): AESGCM(key) for key in keys}
        self._first = _key_id(keys[0])

    def seal(self, secret: str, place: str) -> bytes:
        """`secret` encrypted: 8 bytes of key id, 12 of nonce, then the text and its tag."""
        nonce = os.urandom(_NONCE_BYTES)
        return self._first + nonce + self._keys[self._first].encrypt(nonce, secret.encode(), place.encode())

    def open(self, sealed: bytes, place: str) -> str:
        """The secret. Raises SecretLost if its key is not at hand, or it was sealed for another `place`."""
        cipher = self._keys.get(sealed[:_ID_BYTES])
        nonce = sealed[_ID_BYTES : _ID_BYTES + _NONCE_BYTES]
        if cipher is None:
            raise SecretLost(
                "A stored secret was encrypted with another key.",
                remedy="Set SCRIVANO_SECRET_KEY to the key it was made with, or enter the secret again.",
            )
        try:
            return cipher.decrypt(nonce, sealed[_ID_BYTES + _NONCE_BYTES :], place.encode()).decode()
        except InvalidTag as error:
            raise SecretLost(remedy="Enter the secret again.") from error

    def is_current(self, sealed: bytes) -> bool:
        """Whether `sealed` was made with the first key."""
        return sealed[:_ID_BYTES] == self._first


class Resealing:
    """Goes over stored secrets and seals those anew that are not under the first key; counts what it meets."""

    def __init__(self, box: SecretBox) -> None:
        self._box = box
        self.changed = 0
        self.lost: list[str] = []
        """What could not be opened with any key at hand; it stays as it is."""

    def again(self, sealed: bytes, place: str, name: str) -> bytes:
        """The secret under the first key. `name` is what a person knows it by."""
        if self._box.is_current(sealed):
            return sealed
        try:
            renewed = self._box.seal(self._box.open(sealed, place), place)
        except SecretLost:
            self.lost.append(name)
            return sealed
        self.changed += 1
        return renewed


def open_secret_box(home: Path, configured: str | None = None) -> SecretBox:
    """The box of this installation: keys from `configured` (base64, separated by commas), else from the file
    `secret.key` in `home`, which is made with mode 0600 at first use. Several processes get the same one."""
    if configured:
        return SecretBox(*[_decode(part, "SCRIVANO_SECRET_KEY") for part in configured.split(",")])
    path = home / "secret.key"
    if not path.exists():
        _make_key_file(path)
    try:
        lines = path.read_text(encoding="ascii").split()
    except (OSError, UnicodeDecodeError) as error:
        raise ScrivanoError(f"{path} cannot be read.", remedy="Restore it from a backup.") from error
    return SecretBox(*_decode_all(lines, str(path)))


def _make_key_file(path: Path) -> None:
    """Written beside and linked into place, so that no process ever sees half a key or replaces another's."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".secret.{os.getpid()}.{os.urandom(4).hex()}")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(base64.b64encode(os.urandom(_KEY_BYTES)) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        os.link(beside, path)
    except FileExistsError:
        pass
    finally:
        beside.unlink()


def _decode_all(lines: Sequence[str], source: str) -> list[bytes]:
    return [_decode(line, source) for line in lines]


def _decode(text: str, source: str) -> bytes:
    try:
        return base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError) as error:
        raise InvalidInput("A secret key must be written in base64.", field=source) from error


def _key_id(key: bytes) -> bytes:
    return hashlib.sha256(b"scrivano key id" + key).digest()[:_ID_BYTES]
