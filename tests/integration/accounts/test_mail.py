"""New passwords and invitations by e-mail, through a mail server on this machine."""

import asyncio
import email
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from scrivano.accounts import mail as mail_room
from scrivano.accounts.public import Mail
from scrivano.core.errors import InvalidInput, Unavailable
from tests.integration.accounts.guests import Browser, open_installation, set_up, token_of


class MailServer:
    """Takes messages, as RFC 5321 has it, and keeps them."""

    def __init__(self) -> None:
        self.taken: asyncio.Queue[str] = asyncio.Queue()
        self.port = 0

    @asynccontextmanager
    async def running(self) -> AsyncIterator["MailServer"]:
        server = await asyncio.start_server(self._talk, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        async with server:
            yield self

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 here\r\n")
        while line := await reader.readline():
            word = line.split()[0].upper() if line.split() else b""
            if word == b"DATA":
                writer.write(b"354 go on\r\n")
                text = await reader.readuntil(b"\r\n.\r\n")
                self.taken.put_nowait(text.decode())
            writer.write(b"221 bye\r\n" if word == b"QUIT" else b"250 fine\r\n")
            await writer.drain()
            if word == b"QUIT":
                break
        writer.close()


async def test_a_new_password_by_e_mail_tells_nobody_who_has_an_account(
    database_url: str, tmp_path: Path
) -> None:
    async with (
        MailServer().running() as server,
        open_installation(
            database_url,
            tmp_path,
            smtp_url=f"smtp://127.0.0.1:{server.port}",
            mail_from="studio@example.org",
            public_url="http://localhost:8020",
        ) as house,
    ):
        admin = await set_up(house)
        guest = Browser(house)
        answers = [
            await guest("POST", "/api/password-resets", {"email": address})
            for address in ("ada@example.org", "nobody@example.org")
        ]
        assert [(a.status_code, a.text) for a in answers] == [(202, "null"), (202, "null")]
        async with asyncio.timeout(20):
            message = email.message_from_string(await server.taken.get())
        assert (message["To"], message["From"]) == ("ada@example.org", "studio@example.org")
        text = str(message.get_payload(decode=True), "utf-8")  # type: ignore[arg-type]
        link = next(line for line in text.split() if line.startswith("http"))
        assert link.startswith("http://localhost:8020/welcome/reset#")
        body = {"token": token_of(link), "password": "nine slow herons"}
        await guest.ok("POST", "/api/password-resets/finish", body)
        assert (await admin("GET", "/api/people/me")).status_code == 401
        await Browser(house).sign_in("ada@example.org", "nine slow herons")
        await house.entrance.links.close()
        assert server.taken.empty()


async def test_asking_again_and_again_is_slowed(database_url: str, tmp_path: Path) -> None:
    async with (
        MailServer().running() as server,
        open_installation(database_url, tmp_path, smtp_url=f"smtp://127.0.0.1:{server.port}") as house,
    ):
        await set_up(house)
        statuses = [
            (
                await Browser(house, address=f"203.0.113.{n}")(
                    "POST", "/api/password-resets", {"email": "ada@example.org"}
                )
            ).status_code
            for n in range(8)
        ]
        assert statuses[:3] == [202] * 3 and 429 in statuses


async def test_a_password_is_not_sent_in_plain_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail_room, "_OWN", ())  # as if the server were on another machine
    async with MailServer().running() as server:
        mail = Mail(f"smtp://me:secret@127.0.0.1:{server.port}", "")
        with pytest.raises(Unavailable, match="no encryption"):
            await mail.send("a@example.org", "s", "t")
        assert server.taken.empty()


def test_a_wrong_address_of_the_server_is_said_to_be() -> None:
    with pytest.raises(InvalidInput, match="SCRIVANO_SMTP_URL"):
        Mail("mail.example.org:25", "")
