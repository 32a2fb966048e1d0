"""What attackers try at the door: guessing, fixed sessions, other sites' pages, rebound names, redirects, headers."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from scrivano.wiring import House
from tests.integration.accounts.guests import PASSWORD, Browser, join, open_installation, set_up, token_of


@pytest.fixture
async def house(database_url: str, tmp_path: Path) -> AsyncIterator[House]:
    async with open_installation(database_url, tmp_path) as opened:
        yield opened


def _kind(answer: httpx.Response) -> str:
    return answer.json()["type"].rsplit(":", 1)[1]


async def test_guesses_at_a_name_are_slowed_and_logged_wherever_they_come_from(
    house: House, database_url: str
) -> None:
    admin = await set_up(house)
    await join(house, admin, "bo@example.org")
    answers = [
        await Browser(house, address=f"203.0.113.{n}")(
            "POST", "/api/sessions", {"email": "bo@example.org", "password": f"guess {n}"}
        )
        for n in range(40)
    ]
    looked_at = [a for a in answers if a.status_code == 401]
    slowed = [a for a in answers if a.status_code == 429]
    assert len(looked_at) + len(slowed) == 40 and len(looked_at) <= 8
    assert all(int(a.headers["retry-after"]) >= 1 for a in slowed)
    logged = await admin.ok("GET", "/api/audit?kind=sign_in_failed&limit=100")
    assert len(logged) == len(looked_at)
    assert await admin.ok("GET", "/api/audit?kind=sign_in_slowed")
    async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as connection:
        # However long all this took: the next guess is not yet due.
        await connection.execute(
            "UPDATE sign_in_guesses SET until = now() + interval '1 hour' WHERE key = 'name:bo@example.org'"
        )
    right = await Browser(house, address="203.0.113.200")(
        "POST", "/api/sessions", {"email": "bo@example.org", "password": PASSWORD}
    )
    assert right.status_code == 429
    # Where they sit every day, they are let in all the same.
    await Browser(house).sign_in("bo@example.org")


async def test_delays_grow_to_a_quarter_of_an_hour(house: House, database_url: str) -> None:
    await set_up(house)
    who = {"email": "nobody@example.org", "password": "guess"}
    waits: list[int] = []
    async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as connection:
        for n in range(24):
            guesser = Browser(house, address=f"203.0.113.{n}")
            assert (await guesser("POST", "/api/sessions", who)).status_code == 401
            answer = await guesser("POST", "/api/sessions", who)
            if answer.status_code == 429:
                waits.append(int(answer.headers["retry-after"]))
            await connection.execute("UPDATE sign_in_guesses SET until = now()")
    assert waits == sorted(waits) and waits[-1] == 900
    assert waits[:4] == [1, 2, 4, 8]


async def test_an_address_is_slowed_whatever_names_it_tries(house: House) -> None:
    admin = await set_up(house)
    guesser = Browser(house, address="2001:db8::1")
    statuses = [
        (
            await guesser("POST", "/api/sessions", {"email": f"x{n}@example.org", "password": "guess"})
        ).status_code
        for n in range(30)
    ]
    assert statuses[:20] == [401] * 20 and 429 in statuses[20:]
    neighbour = Browser(house, address="2001:db8::ffff")
    answer = await neighbour("POST", "/api/sessions", {"email": "y@example.org", "password": "guess"})
    assert answer.status_code == 429
    slowed = await admin.ok("GET", "/api/audit?kind=sign_in_slowed")
    assert slowed and slowed[0]["details"]["limit"] == "address"


async def test_attempts_side_by_side_do_not_outrun_the_count(house: House) -> None:
    await set_up(house)
    browsers = [Browser(house, address=f"198.51.100.{n}") for n in range(25)]
    who = {"email": "nobody@example.org", "password": "guess"}
    answers = await asyncio.gather(*[b("POST", "/api/sessions", who) for b in browsers])
    assert sum(a.status_code == 401 for a in answers) <= 6


async def test_codes_of_the_second_factor_cannot_be_guessed_either(house: House) -> None:
    admin = await set_up(house)
    begun = await admin.ok("POST", "/api/people/me/second-factor", {"password": PASSWORD})
    assert begun["secret"]
    statuses = [
        (await admin("PUT", "/api/people/me/second-factor", {"code": f"{n:06}"})).status_code
        for n in range(10)
    ]
    assert statuses[0] == 401 and statuses[-1] == 429


async def test_a_session_from_before_signing_in_is_worth_nothing_after_it(house: House) -> None:
    admin = await set_up(house)
    planted = Browser(house)
    planted.http.cookies.set("scrivano", "planted-by-an-attacker", domain="localhost.local", path="/")
    await planted.sign_in("ada@example.org")
    mine = planted.http.cookies.get("scrivano", domain="localhost.local", path="/")
    assert mine and mine != "planted-by-an-attacker"
    attacker = Browser(house)
    attacker.http.cookies.set("scrivano", "planted-by-an-attacker")
    assert (await attacker("GET", "/api/people/me")).status_code == 401

    # One's own older session ends as well when one signs in again with it.
    old = admin.http.cookies.get("scrivano")
    await admin.sign_in("ada@example.org")
    assert admin.http.cookies.get("scrivano") != old
    attacker.http.cookies.set("scrivano", str(old))
    assert (await attacker("GET", "/api/people/me")).status_code == 401


async def test_the_session_cookie_cannot_be_read_by_pages_or_sent_by_others(house: House) -> None:
    await set_up(house)
    body = {"email": "ada@example.org", "password": PASSWORD}
    plain = await Browser(house)("POST", "/api/sessions", body)
    session = next(c for c in plain.headers.get_list("set-cookie") if c.startswith("scrivano="))
    assert "HttpOnly" in session and "SameSite=lax" in session and "Secure" not in session
    secure = await Browser(house, base="https://localhost:8020")("POST", "/api/sessions", body)
    cookies = secure.headers.get_list("set-cookie")
    assert all("Secure" in c and "Path=/" in c and c.startswith("__Host-") for c in cookies)
    assert "no-store" in secure.headers["cache-control"]


async def test_the_database_holds_no_secret_that_would_let_anybody_in(
    house: House, database_url: str
) -> None:
    admin = await set_up(house)
    made = await admin.ok("POST", "/api/invitations", {"email": "bo@example.org"})
    key = (await admin.ok("POST", "/api/keys", {"name": "k"}))["secret"]
    begun = await admin.ok("POST", "/api/people/me/second-factor", {"password": PASSWORD})
    secrets = [token_of(made["url"]), key, str(admin.http.cookies.get("scrivano")), begun["secret"], PASSWORD]
    tables = ("people", "sessions", "account_links", "api_keys", "audit_trail", "recovery_codes")
    async with await psycopg.AsyncConnection.connect(database_url) as connection:
        for table in tables:
            rows = await (await connection.execute(f"SELECT t::text FROM {table} t")).fetchall()  # type: ignore[arg-type]
            text = " ".join(row[0] for row in rows)
            hidden = [s for s in secrets if s in text or s.encode().hex() in text]
            assert not hidden, table


async def test_other_sites_cannot_change_anything_with_the_cookie(house: House) -> None:
    cases: list[tuple[dict[str, str], int]] = [
        ({"X-CSRF-Token": ""}, 403),
        ({"X-CSRF-Token": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://localhost:9999"}, 403),
        ({"Origin": "http://[::1"}, 403),
        ({"Origin": "http://localhost:8020.evil.example"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "same-origin"}, 201),
        ({}, 201),
    ]
    admin = await set_up(house)
    for headers, status in cases:
        answer = await admin("POST", "/api/projects", {"name": "x"}, headers=headers)
        assert answer.status_code == status, f"{headers}: {answer.text}"
        if status == 403:
            assert _kind(answer) == "foreign-request"


async def test_the_token_of_another_session_does_not_fit(house: House) -> None:
    admin = await set_up(house)
    bo = await join(house, admin, "bo@example.org")
    theirs = str(bo.http.cookies.get("scrivano-csrf"))
    answer = await admin("POST", "/api/projects", {"name": "x"}, headers={"X-CSRF-Token": theirs})
    assert answer.status_code == 403


async def test_a_foreign_page_cannot_sign_anybody_in(house: House) -> None:
    """Else somebody would write their diary into the account of an attacker."""
    await set_up(house)
    answer = await Browser(house)(
        "POST",
        "/api/sessions",
        {"email": "ada@example.org", "password": PASSWORD},
        headers={"Origin": "https://evil.example"},
    )
    assert answer.status_code == 403 and not answer.cookies


async def test_without_sign_in_only_this_machine_s_own_pages_get_anything(house: House) -> None:
    cases: list[tuple[str, dict[str, str], int]] = [
        ("GET", {"Host": "evil.example"}, 403),
        ("GET", {"Host": "127.0.0.1.evil.example:8020"}, 403),
        ("GET", {"Host": "localhost:8020", "Origin": "https://evil.example"}, 403),
        ("POST", {"Host": "localhost:8020", "Origin": "https://evil.example"}, 403),
        ("POST", {"Host": "localhost:8020", "Sec-Fetch-Site": "cross-site"}, 403),
        ("GET", {"Host": "localhost:8020", "X-Forwarded-For": "203.0.113.9"}, 401),
        ("GET", {"Host": "[::1]:8020"}, 200),
        ("GET", {"Host": "127.0.0.1:8020"}, 200),
        ("POST", {"Host": "localhost:8020", "Origin": "http://localhost:8020"}, 201),
    ]
    guest = Browser(house)
    guest.http.headers.pop("Origin")
    for method, headers, status in cases:
        body = {"name": "x"} if method == "POST" else None
        answer = await guest(method, "/api/projects", body, headers=headers)
        assert answer.status_code == status, f"{method} {headers}: {answer.text}"


async def test_links_are_not_poisoned_by_the_host_header(house: House) -> None:
    admin = await set_up(house)
    made = await admin.ok(
        "POST",
        "/api/invitations",
        {"email": "bo@example.org"},
        headers={"Host": "evil.example", "Origin": "http://evil.example", "X-Forwarded-Host": "evil.example"},
    )
    assert made["url"].startswith("http://127.0.0.1:8020/welcome/invitation#")


async def test_names_and_addresses_cannot_carry_headers(house: House) -> None:
    admin = await set_up(house)
    for nasty in ("a\r\nSet-Cookie: x=1", "a\nX: y", "a\x00b"):
        await _send_everywhere(admin, nasty)


async def _send_everywhere(admin: Browser, nasty: str) -> None:
    requests: list[tuple[str, str, Any]] = [
        ("PATCH", "/api/people/me", {"name": nasty}),
        ("POST", "/api/invitations", {"email": f"{nasty}@example.org"}),
        ("POST", "/api/projects", {"name": nasty}),
        ("POST", "/api/keys", {"name": nasty}),
        ("POST", "/api/sessions", {"email": f"{nasty}@example.org", "password": "x"}),
    ]
    for method, path, body in requests:
        answer = await admin(method, path, body)
        assert answer.status_code == 422, f"{path}: {answer.text}"
        assert "x" not in answer.cookies


async def test_an_idle_session_ends(house: House, database_url: str) -> None:
    admin = await set_up(house)
    for column, age in (("last_seen_at", timedelta(days=8)), ("expires_at", timedelta(days=31))):
        await admin.sign_in("ada@example.org")
        async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as connection:
            await connection.execute(f"UPDATE sessions SET {column} = {column} - %s", [age])  # type: ignore[arg-type]
        assert (await admin("GET", "/api/people/me")).status_code == 401


async def test_a_key_reaches_no_further_than_its_scopes_and_cannot_take_the_account_over(
    house: House,
) -> None:
    admin = await set_up(house)
    bo = await join(house, admin, "bo@example.org")
    program = Browser(house)

    async def status(key: str, method: str, path: str, body: Any = None) -> int:
        answer = await program(method, path, body, headers={"Authorization": f"Bearer {key}"})
        return answer.status_code

    async def key(**what: Any) -> str:
        return (await bo.ok("POST", "/api/keys", {"name": "k", **what}))["secret"]

    reader, writer, asker = await key(scopes=["read"]), await key(scopes=["write"]), await key(scopes=["llm"])
    assert await status(asker, "GET", "/api/projects") == 401
    assert await status(reader, "GET", "/api/projects") == 200
    assert await status(reader, "POST", "/api/projects", {"name": "x"}) == 401
    assert await status(writer, "POST", "/api/projects", {"name": "x"}) == 201
    taking_over: list[tuple[str, str, Any]] = [
        ("PUT", "/api/people/me/password", {"old": PASSWORD, "new": "a new password"}),
        ("POST", "/api/people/me/second-factor", {"password": PASSWORD}),
        ("POST", "/api/people/me/erase", {"password": PASSWORD}),
        ("POST", "/api/keys", {"name": "another", "scopes": ["write"]}),
    ]
    for method, path, body in taking_over:
        assert await status(writer, method, path, body) == 403, path
    assert (await bo("POST", "/api/keys", {"name": "k", "scopes": ["admin"]})).status_code == 403
    ours = (await admin.ok("POST", "/api/keys", {"name": "ours"}))["key"]["id"]
    assert (await bo("DELETE", f"/api/keys/{ours}")).status_code == 404
    assert (await bo("GET", "/api/keys?everybody=true")).status_code == 403
