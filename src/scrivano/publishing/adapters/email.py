"""A newsletter by e-mail: one message a reader, text and HTML, sent over SMTP.

A message cannot be looked up once it is gone. So it is noted before it is sent and after; where the end of a
sending is not known, it is not repeated by itself.
"""

import asyncio
import re
import smtplib
import socket
import ssl
from contextlib import suppress
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from html import escape

from scrivano.core.outbound import Forbidden, Outbound
from scrivano.publishing.adapters.base import Known, Sent, Tools, sent_to
from scrivano.publishing.dto import (
    Article,
    CredentialsRefused,
    Planned,
    TargetRefused,
    TargetSettings,
    TargetUnreachable,
    Unclear,
)
from scrivano.publishing.html import plain_text, to_html

_STYLES = {
    "p": "margin:0 0 16px",
    "h1": "font-size:26px;line-height:1.25;margin:0 0 16px",
    "h2": "font-size:21px;line-height:1.3;margin:28px 0 12px",
    "h3": "font-size:18px;line-height:1.3;margin:24px 0 8px",
    "a": "color:#1a5fb4",
    "blockquote": "margin:0 0 16px;padding-left:16px;border-left:3px solid #c8c8c8;color:#4a4a4a",
    "ul": "margin:0 0 16px;padding-left:24px",
    "ol": "margin:0 0 16px;padding-left:24px",
    "pre": "margin:0 0 16px;padding:12px;background:#f4f4f4;overflow:auto",
    "table": "border-collapse:collapse;margin:0 0 16px",
    "th": "border:1px solid #c8c8c8;padding:6px 10px;text-align:left",
    "td": "border:1px solid #c8c8c8;padding:6px 10px",
    "section": "font-size:14px;color:#4a4a4a",
}
_BODY = "font-family:Georgia,'Times New Roman',serif;font-size:17px;line-height:1.55;color:#1c1c1c"


class Email:
    """See `Adapter`."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._settings = tools.target.settings
        self.planned: list[Planned] = []
        self.notes: list[str] = []

    async def publish(self, article: Article, known: Known) -> Sent:
        """See `Adapter.publish`. Readers who have it, or may have it, get nothing more."""
        delivered = await self._tools.delivered()
        waiting = [r for r in self._settings.recipients if r not in delivered]
        open_ends = [r for r, status in delivered.items() if status == "sending"]
        if open_ends:
            self.notes.append(f"It is not known whether it reached: {', '.join(sorted(open_ends))}.")
        messages = [message(article, self._tools, reader) for reader in waiting]
        self.planned += [_planned(one) for one in messages]
        if not self._tools.dry and messages:
            await self._send(messages)
        remote_id = message_id(article, self._tools)
        how = "created" if known.remote_id is None else "updated"
        detail = {"sent": len(messages), "had_it": len(delivered) - len(open_ends), "open": sorted(open_ends)}
        return Sent(how, remote_id, None, detail=detail)

    async def _send(self, messages: list[EmailMessage]) -> None:
        post = await asyncio.to_thread(self._sign_in)
        try:
            for one in messages:
                reader = parseaddr(str(one["To"]))[1]
                if not await self._tools.deliver(reader, "sending"):
                    continue
                status = await asyncio.to_thread(_hand_over, post, one)
                sent_to(self._tools)
                await self._tools.deliver(reader, status)
                if status == "refused":
                    self.notes.append(f"The server refused to send to {reader}.")
        finally:
            await asyncio.to_thread(_sign_out, post)

    def _sign_in(self) -> smtplib.SMTP:
        settings = self._settings
        try:
            return _connected(settings, self._tools)
        except smtplib.SMTPAuthenticationError as error:
            raise CredentialsRefused(
                "The mail server did not accept user and password.", field="secret"
            ) from error
        except ssl.SSLError as error:
            raise TargetRefused(
                f"The mail server's certificate is not trusted: {error.reason}.", field="host"
            ) from error
        except smtplib.SMTPException as error:
            raise TargetRefused(f"The mail server refused: {_words(error)}.", field="host") from error
        except OSError as error:
            raise TargetUnreachable(
                f"{settings.host}:{settings.port} cannot be reached: {error.strerror or error}.",
                field="host",
                remedy="Check host, port and security of the target.",
            ) from error


class _Smtp(smtplib.SMTP):
    """Connects only to addresses that may be connected to."""

    def __init__(self, outbound: Outbound, host: str, port: int, patience: float, *, tls: bool) -> None:
        self._outbound = outbound
        self._tls = tls
        super().__init__(host, port, timeout=patience)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        permitted = [entry for entry in found if self._outbound.permits(str(entry[4][0]), host)]
        if not permitted:
            raise Forbidden(str(found[0][4][0]))
        raw = socket.create_connection((str(permitted[0][4][0]), port), timeout)
        if not self._tls:
            return raw
        return ssl.create_default_context().wrap_socket(raw, server_hostname=host)


def _connected(settings: TargetSettings, tools: Tools) -> smtplib.SMTP:
    tls = settings.security == "tls"
    post = _Smtp(tools.outbound, settings.host, settings.port, tools.patience, tls=tls)
    try:
        if settings.security == "starttls":
            post.starttls(context=ssl.create_default_context())
        if settings.username:
            post.login(settings.username, tools.secret or "")
    except BaseException:
        post.close()
        raise
    return post


def _hand_over(post: smtplib.SMTP, one: EmailMessage) -> str:
    try:
        post.send_message(one)
        return "sent"
    except smtplib.SMTPRecipientsRefused:
        return "refused"
    except smtplib.SMTPResponseException as error:
        if error.smtp_code >= 500:
            return "refused"
        raise TargetUnreachable(f"The mail server asks to wait: {_words(error)}.") from error
    except (smtplib.SMTPException, OSError) as error:
        raise Unclear(
            f"The mail server broke off; the message to {one['To']} may have been sent.",
            remedy="Ask the reader. Publishing again goes on with the others and leaves this one out.",
        ) from error


def _sign_out(post: smtplib.SMTP) -> None:
    with suppress(smtplib.SMTPException, OSError):
        post.quit()


def _words(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        said = error.smtp_error
        return said.decode(errors="replace")[:300] if isinstance(said, bytes) else str(said)[:300]
    return str(error)[:300]


def message_id(article: Article, tools: Tools) -> str:
    """The same for every copy of a text, so that a mailbox can tell that it has it."""
    domain = tools.target.settings.sender.rpartition("@")[2]
    return f"<{article.marker}.{tools.target.id.hex}@{domain}>"


def message(article: Article, tools: Tools, reader: str) -> EmailMessage:
    """What one reader gets."""
    settings = tools.target.settings
    name, address = parseaddr(settings.sender)
    user, _, domain = address.rpartition("@")
    one = EmailMessage()
    one["From"] = Address(name or settings.title, user, domain)
    one["To"] = reader
    one["Subject"] = " ".join(article.title.split())
    one["Date"] = format_datetime(article.updated)
    one["Message-ID"] = message_id(article, tools)
    one["List-Unsubscribe"] = f"<mailto:{address}?subject=unsubscribe>"
    html = to_html(article)
    one.set_content(f"{article.title}\n\n{plain_text(html)}")
    one.add_alternative(page(article, html), subtype="html")
    return one


def page(article: Article, html: str) -> str:
    """The HTML of a message: styles stand on the tags themselves, as mail programs drop style sheets."""
    html = re.sub(r'<([a-z0-9]+)( style="([^"]*)")?(?=[ >])', _styled, html)
    heading = f'<h1 style="{_STYLES["h1"]}">{escape(article.title)}</h1>'
    return (
        f'<!doctype html>\n<html lang="{escape(article.language)}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><title>{escape(article.title)}</title></head>'
        f'<body style="margin:0;padding:24px;{_BODY}"><div style="max-width:640px;margin:0 auto">'
        f"{heading}\n{html}</div></body></html>\n"
    )


def _styled(tag: re.Match[str]) -> str:
    styles = ";".join(filter(None, [_STYLES.get(tag[1], ""), tag[3]]))
    return f'<{tag[1]} style="{styles}"' if styles else f"<{tag[1]}"


def _planned(one: EmailMessage) -> Planned:
    return Planned(
        kind="message",
        summary=f"Send to {one['To']}",
        place=str(one["To"]),
        headers={name: str(value) for name, value in one.items()},
        body=one.as_string(),
    )
