"""A scripted mail server: the part of ESMTP (RFC 5321, AUTH of RFC 4954) that a sender sees."""

import asyncio
import base64
from contextlib import suppress
from types import TracebackType
from typing import Self


class ScriptedSmtp:
    """`messages` holds recipient and message of all that was taken. `accept_then_hang` takes so many next messages and
    then breaks off without an answer; `unknown` are recipients that are refused."""

    def __init__(self, username: str = "", password: str = "") -> None:
        self._username = username
        self._password = password
        self.messages: list[tuple[str, bytes]] = []
        self.accept_then_hang = 0
        self.unknown: set[str] = set()
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self.port = 0

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        for writer in tuple(self._open):
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            await _Visit(self, reader, writer).run()
        self._open.discard(writer)
        writer.close()

    def knows(self, username: str, password: str) -> bool:
        """Whether these may sign in."""
        return (username, password) == (self._username, self._password)

    @property
    def closed(self) -> bool:
        """Whether one has to sign in before sending."""
        return bool(self._username)


class _Visit:
    def __init__(
        self, house: ScriptedSmtp, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._house = house
        self._reader = reader
        self._writer = writer
        self._signed_in = not house.closed
        self._readers: list[str] = []

    async def run(self) -> None:
        await self._say("220 scripted ESMTP")
        while line := await self._reader.readline():
            word, _, rest = line.decode("utf-8", "replace").strip().partition(" ")
            if word.upper() == "QUIT":
                await self._say("221 Bye")
                return
            if not await self._answer(word.upper(), rest):
                return

    async def _answer(self, word: str, rest: str) -> bool:
        if word == "EHLO":
            auth = "250-AUTH PLAIN LOGIN\r\n" if self._house.closed else ""
            await self._say(f"250-scripted\r\n{auth}250 8BITMIME")
        elif word == "AUTH":
            await self._sign_in(rest)
        elif word == "MAIL":
            self._readers = []
            await self._say("250 OK" if self._signed_in else "530 5.7.0 Authentication required")
        elif word == "RCPT":
            address = rest.partition("<")[2].partition(">")[0]
            if address in self._house.unknown:
                await self._say("550 5.1.1 No such user")
            else:
                self._readers.append(address)
                await self._say("250 OK")
        elif word == "DATA":
            return await self._take()
        elif word in ("RSET", "NOOP"):
            await self._say("250 OK")
        else:
            await self._say("502 5.5.1 Command not implemented")
        return True

    async def _sign_in(self, rest: str) -> None:
        method, _, first = rest.partition(" ")
        if method.upper() == "PLAIN":
            _, user, password = base64.b64decode(first).decode().split("\0")
        else:
            await self._say("334 VXNlcm5hbWU6")
            user = base64.b64decode(await self._reader.readline()).decode()
            await self._say("334 UGFzc3dvcmQ6")
            password = base64.b64decode(await self._reader.readline()).decode()
        self._signed_in = self._house.knows(user, password)
        await self._say("235 2.7.0 Accepted" if self._signed_in else "535 5.7.8 Credentials invalid")

    async def _take(self) -> bool:
        await self._say("354 End data with <CR><LF>.<CR><LF>")
        raw = await self._reader.readuntil(b"\r\n.\r\n")
        content = raw[:-5].replace(b"\r\n..", b"\r\n.")
        self._house.messages += [(reader, content) for reader in self._readers]
        if self._house.accept_then_hang > 0:
            self._house.accept_then_hang -= 1
            return False
        await self._say("250 OK")
        return True

    async def _say(self, text: str) -> None:
        self._writer.write(text.encode() + b"\r\n")
        await self._writer.drain()
