"""Secrets that are handed out once: 256 random bits, of which only the hash is kept; and safe redirects."""

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64encode


def new_token() -> str:
    """A fresh secret, 43 characters that can stand in a URL or a cookie."""
    return secrets.token_urlsafe(32)


def digest(token: str) -> bytes:
    """What is kept of a secret."""
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).digest()


def csrf_token(session_token: str) -> str:
    """What a page has to send back in a header: it follows from the session's secret, and not the other way round."""
    made = hmac.new(session_token.encode("utf-8", "surrogateescape"), b"scrivano csrf", hashlib.sha256)
    return urlsafe_b64encode(made.digest()).rstrip(b"=").decode()


def same(given: str, wanted: str) -> bool:
    """Whether two secrets are equal, in a time that does not tell where they differ."""
    return hmac.compare_digest(given.encode("utf-8", "surrogateescape"), wanted.encode())


def same_site_path(next: str) -> str:
    """`next`, if it is a path of this service; else the front page. Browsers read `\\` as `/`, and drop tabs and
    line ends, so that `/\\evil.example` and `/\\t/evil.example` would lead elsewhere."""
    if not next.startswith("/") or next[1:2] in ("/", "\\") or len(next) > 2000:
        return "/"
    return next if next.isprintable() and "\\" not in next and next.isascii() else "/"
