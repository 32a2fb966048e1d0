import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import web

from scrivano.core.errors import InvalidInput, NotAllowed
from scrivano.core.outbound import Forbidden, Outbound
from scrivano.core.outbound_http import HeldBack, connector, note_peers


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "240.0.0.1",
        "::1",
        "::",
        "fd00::1",
        "fe80::1%eth0",
        "ff02::1",
        "::ffff:10.0.0.1",
        "64:ff9b::a00:1",
        "2002:a00:1::",
        "nonsense",
    ],
)
def test_what_is_not_public_needs_to_be_allowed(address: str) -> None:
    assert not Outbound(()).permits(address)


def test_public_addresses_need_no_entry() -> None:
    assert all(Outbound(()).permits(address) for address in ("8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8"))


def test_entries_are_addresses_networks_and_names() -> None:
    outbound = Outbound(["10.1.0.0/16", "192.168.0.7", "fd00::/8", "Box.LAN", ""])
    assert outbound.permits("10.1.2.3") and not outbound.permits("10.2.0.1")
    assert outbound.permits("192.168.0.7") and outbound.permits("fd12::1")
    assert outbound.permits("172.16.0.9", "box.lan.") and not outbound.permits("172.16.0.9", "other.lan")
    with pytest.raises(InvalidInput):
        Outbound(["10.0.0.0/99"])


async def test_an_address_is_checked_when_it_is_saved() -> None:
    with pytest.raises(NotAllowed) as caught:
        await Outbound(()).check("http://localhost:8080/v1")
    assert caught.value.field == "base_url" and caught.value.remedy
    await Outbound().check("http://localhost:8080/v1")
    await Outbound(()).check("http://8.8.8.8/v1")
    await Outbound(()).check("http://does-not-resolve.invalid/")


@asynccontextmanager
async def serving(host: str, target: str = "") -> AsyncIterator[tuple[str, list[str]]]:
    """A server that redirects to `target`, or says hello."""
    seen: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        seen.append(request.path)
        if target:
            raise web.HTTPFound(target)
        return web.Response(text="hello")

    app = web.Application()
    app.router.add_get("/{path:.*}", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, host, 0).start()
    yield f"http://{host}:{runner.addresses[0][1]}", seen
    await runner.cleanup()


async def test_an_address_is_checked_when_it_is_connected_to() -> None:
    async with serving("127.0.0.1") as (url, seen):
        async with aiohttp.ClientSession(connector=connector(Outbound(()))) as session:
            for there in (url, url.replace("127.0.0.1", "localhost")):
                with pytest.raises(aiohttp.ClientConnectorError) as caught:
                    await session.get(there)
                assert isinstance(caught.value.os_error, Forbidden)
        assert seen == []
        async with aiohttp.ClientSession(connector=connector(Outbound())) as session:
            peers = note_peers()
            assert await (await session.get(url)).text() == "hello"
            assert peers == ["127.0.0.1"]


async def test_an_allowed_name_may_be_at_a_private_address() -> None:
    async with serving("127.0.0.1") as (url, seen):
        named = url.replace("127.0.0.1", "localhost")
        async with aiohttp.ClientSession(connector=connector(Outbound(["localhost"]))) as session:
            assert await (await session.get(named)).text() == "hello"
    assert len(seen) == 1


async def test_a_redirect_to_a_forbidden_address_is_not_followed() -> None:
    async with (
        serving("127.0.0.2") as (inner, secret),
        serving("127.0.0.1", inner + "/secret") as (url, seen),
    ):
        async with aiohttp.ClientSession(connector=connector(Outbound(["127.0.0.1"]))) as session:
            with pytest.raises(aiohttp.ClientConnectorError):
                await session.get(url)
        assert (len(seen), secret) == (1, [])
        async with aiohttp.ClientSession(connector=connector(Outbound(["127.0.0.0/8"]))) as session:
            assert await (await session.get(url)).text() == "hello"
    assert secret == ["/secret"]


async def test_not_a_byte_leaves_before_the_gate_is_open() -> None:
    received = bytearray()
    connected = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connected.set()
        while not received.endswith(b"\r\n\r\n{}"):
            received.extend(await reader.read(1000))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        writer.close()

    async def gate() -> None:
        await connected.wait()
        # What is on its way over the loopback would be there by now.
        for _ in range(100):
            await asyncio.sleep(0)
        assert not received

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        host, port = server.sockets[0].getsockname()
        async with aiohttp.ClientSession(connector=connector(Outbound())) as session:
            answer = await session.post(f"http://{host}:{port}/", data=HeldBack(b"{}", gate))
            assert await answer.text() == "ok"
    assert received.startswith(b"POST / HTTP/1.1\r\n") and b"application/json" in received


async def test_a_gate_that_fails_sends_nothing() -> None:
    async def gate() -> None:
        raise ValueError("no row")

    async with (
        serving("127.0.0.1") as (url, seen),
        aiohttp.ClientSession(connector=connector(Outbound())) as session,
    ):
        with pytest.raises(aiohttp.ClientError, match="no row"):
            await session.post(url, data=HeldBack(b"{}", gate))
        assert seen == []
