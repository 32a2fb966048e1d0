"""Sending e-mail through the SMTP server that the settings name."""

import asyncio
import smtplib
import ssl
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from urllib.parse import unquote, urlsplit

from scrivano.core.errors import InvalidInput, Unavailable

_SECONDS = 30
_OWN = ("localhost", "127.0.0.1", "::1")


class Mail:
    """Plain-text messages. `url` is `smtp://user:password@host:587` (with STARTTLS where the server offers it) or
    `smtps://…` (TLS from the start)."""

    def __init__(self, url: str, sender: str) -> None:
        """Raises InvalidInput."""
        parts = urlsplit(url)
        if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
            raise InvalidInput(
                "SCRIVANO_SMTP_URL is no address of an SMTP server.",
                field="smtp_url",
                remedy="Write smtp://user:password@mail.example.org:587 or smtps://…",
            )
        self._host = parts.hostname
        self._tls = parts.scheme == "smtps"
        self._port = parts.port or (465 if self._tls else 587)
        self._user = unquote(parts.username) if parts.username else None
        self._password = unquote(parts.password or "")
        self._sender = sender or f"scrivano@{parts.hostname}"

    async def send(self, to: str, subject: str, text: str) -> None:
        """Hand one message to the server. Raises Unavailable."""
        message = EmailMessage()
        message["From"] = self._sender
        message["To"] = to
        message["Subject"] = subject
        message["Date"] = formatdate(localtime=False)
        message["Message-ID"] = make_msgid(domain=self._host)
        message.set_content(text)
        try:
            await asyncio.to_thread(self._deliver, message)
        except (OSError, smtplib.SMTPException) as error:
            raise Unavailable(f"The mail server {self._host} did not take a message: {error}.") from error

    def _deliver(self, message: EmailMessage) -> None:
        context = ssl.create_default_context()
        if self._tls:
            server: smtplib.SMTP = smtplib.SMTP_SSL(self._host, self._port, timeout=_SECONDS, context=context)
        else:
            server = smtplib.SMTP(self._host, self._port, timeout=_SECONDS)
        with server:
            server.ehlo()
            encrypted = self._tls or server.has_extn("starttls")
            if encrypted and not self._tls:
                server.starttls(context=context)
            if self._user is not None:
                if not encrypted and self._host not in _OWN:
                    raise smtplib.SMTPException(
                        "it offers no encryption, and would get the password in plain text"
                    )
                server.login(self._user, self._password)
            server.send_message(message)
