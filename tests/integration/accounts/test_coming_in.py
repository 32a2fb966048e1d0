"""Coming in: the first administrator, invitations, passwords, second factors, keys; and what must not work."""

import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from scrivano.accounts.totp import code_at
from scrivano.wiring import House
from tests.integration.accounts.guests import PASSWORD, Browser, join, open_installation, set_up, token_of


@pytest.fixture
async def house(database_url: str, tmp_path: Path) -> AsyncIterator[House]:
    async with open_installation(database_url, tmp_path) as opened:
        yield opened


async def test_on_this_machine_alone_nobody_signs_in_until_somebody_has_an_account(house: House) -> None:
    guest = Browser(house)
    assert await guest.ok("GET", "/api/sign-in") == {
        "needed": False,
        "set_up": True,
        "reset_by_mail": False,
        "provider": None,
    }
    assert (await guest.ok("GET", "/api/sessions/current"))["kind"] == "only user"
    made = await guest.ok("POST", "/api/projects", {"name": "Before"})
    await set_up(house)
    assert (await guest.ok("GET", "/api/sign-in"))["needed"]
    assert (await guest("GET", f"/api/projects/{made['id']}")).status_code == 401
    assert (await guest("GET", "/api/books")).headers["www-authenticate"] == "Bearer"


async def test_on_another_address_the_set_up_link_comes_first(database_url: str, tmp_path: Path) -> None:
    async with open_installation(database_url, tmp_path, host="0.0.0.0") as house:
        guest = Browser(house)
        assert (await guest("GET", "/api/books")).status_code == 401
        first, second = await house.entrance.links.set_up(), await house.entrance.links.set_up()
        assert first is not None and second is not None
        body = {"email": "a@example.org", "name": "A", "password": PASSWORD}
        old = await guest("POST", "/api/set-up", {"token": token_of(first.url), **body})
        assert (old.status_code, old.json()["type"]) == (404, "urn:scrivano:error:link-not-valid")
        await guest.enter("/api/set-up", {"token": token_of(second.url), **body})
        assert (await guest.ok("GET", "/api/people/me"))["role"] == "administrator"
        again = await Browser(house)("POST", "/api/set-up", {"token": token_of(second.url), **body})
        assert again.status_code == 404
        assert await house.entrance.links.set_up() is None


async def test_the_first_administrator_owns_what_was_made_before(house: House) -> None:
    admin = await set_up(house)
    projects = await admin.ok("GET", "/api/projects")
    assert [(p["id"], p["role"]) for p in projects] == [("00000000-0000-7000-8000-000000000001", "owner")]


async def test_an_invitation_works_once_and_gives_what_it_promised(house: House) -> None:
    admin = await set_up(house)
    project = await admin.ok("POST", "/api/projects", {"name": "Shared"})
    made = await admin.ok(
        "POST", "/api/invitations", {"email": "Bo@Example.org", "projects": {project["id"]: "viewer"}}
    )
    token = token_of(made["url"])
    seen = await Browser(house).ok("POST", "/api/links/look", {"kind": "invitation", "token": token})
    assert seen["email"] == "bo@example.org"
    bo = await Browser(house).enter(
        "/api/invitations/accept", {"token": token, "name": "Bo", "password": PASSWORD}
    )
    assert [(p["name"], p["role"]) for p in await bo.ok("GET", "/api/projects")] == [("Shared", "viewer")]
    again = await Browser(house)(
        "POST", "/api/invitations/accept", {"token": token, "name": "Eve", "password": PASSWORD}
    )
    assert again.status_code == 404
    assert (await admin("POST", "/api/invitations", {"email": "bo@example.org"})).status_code == 409
    assert (await bo("GET", "/api/people")).status_code == 403


async def test_a_withdrawn_invitation_is_worth_nothing(house: House) -> None:
    admin = await set_up(house)
    made = await admin.ok("POST", "/api/invitations", {"email": "bo@example.org"})
    await admin.ok("DELETE", f"/api/invitations/{made['link']['id']}")
    answer = await Browser(house)(
        "POST",
        "/api/invitations/accept",
        {"token": token_of(made["url"]), "name": "Bo", "password": PASSWORD},
    )
    assert answer.status_code == 404
    assert await admin.ok("GET", "/api/invitations") == []


async def test_an_unknown_name_gets_the_answer_of_a_wrong_password(house: House) -> None:
    await set_up(house)
    answers = [
        await Browser(house)("POST", "/api/sessions", {"email": email, "password": "not the password"})
        for email in ("ada@example.org", "nobody@example.org")
    ]
    bodies = [{k: v for k, v in a.json().items() if k != "instance"} for a in answers]
    assert [a.status_code for a in answers] == [401, 401]
    assert bodies[0] == bodies[1]
    assert not any(a.cookies for a in answers)


async def test_weak_passwords_are_refused_with_a_reason(house: House) -> None:
    admin = await set_up(house)
    for word in ("short", "aaaaaaaaaaaaaa", "abcdefghijklmnop", "ada@example.org"):
        answer = await admin("PUT", "/api/people/me/password", {"old": PASSWORD, "new": word})
        assert (answer.status_code, answer.json()["type"]) == (422, "urn:scrivano:error:weak-password")


async def test_a_new_password_ends_all_other_sessions(house: House) -> None:
    admin = await set_up(house)
    other = await Browser(house).sign_in("ada@example.org")
    wrong = await admin("PUT", "/api/people/me/password", {"old": "something else", "new": "x" * 12})
    assert wrong.status_code == 401
    await admin.ok("PUT", "/api/people/me/password", {"old": PASSWORD, "new": "eight loud herons"})
    assert (await other("GET", "/api/people/me")).status_code == 401
    assert (await admin("GET", "/api/people/me")).status_code == 200
    refused = await Browser(house)(
        "POST", "/api/sessions", {"email": "ada@example.org", "password": PASSWORD}
    )
    assert refused.status_code == 401
    await Browser(house).sign_in("ada@example.org", "eight loud herons")


async def test_sessions_are_listed_and_ended(house: House) -> None:
    first = await set_up(house)
    second = await Browser(house).sign_in("ada@example.org")
    third = await Browser(house).sign_in("ada@example.org")
    listed = await first.ok("GET", "/api/sessions")
    assert len(listed) == 3 and sum(s["current"] for s in listed) == 1
    gone = next(s for s in await second.ok("GET", "/api/sessions") if s["current"])
    await first.ok("DELETE", f"/api/sessions/{gone['id']}")
    assert (await second("GET", "/api/people/me")).status_code == 401
    assert await first.ok("DELETE", "/api/sessions?others=true") == 1
    assert (await third("GET", "/api/people/me")).status_code == 401
    await first.ok("DELETE", "/api/sessions/current")
    assert (await first("GET", "/api/people/me")).status_code == 401


async def test_nobody_ends_the_sessions_of_others(house: House) -> None:
    admin = await set_up(house)
    bo = await join(house, admin, "bo@example.org")
    ours = (await admin.ok("GET", "/api/sessions"))[0]["id"]
    assert (await bo("DELETE", f"/api/sessions/{ours}")).status_code == 404
    assert (await admin("GET", "/api/people/me")).status_code == 200


async def test_signing_in_takes_the_code_of_the_second_factor_once(house: House) -> None:
    admin = await set_up(house)
    begun = await admin.ok("POST", "/api/people/me/second-factor", {"password": PASSWORD})
    secret, step = begun["secret"], int(time.time()) // 30
    assert secret in begun["url"] and begun["url"].startswith("otpauth://totp/")
    code = code_at(secret, step)
    codes = (await admin.ok("PUT", "/api/people/me/second-factor", {"code": code}))["codes"]
    assert len(set(codes)) == 10

    who = {"email": "ada@example.org", "password": PASSWORD}
    asked = await Browser(house)("POST", "/api/sessions", who)
    assert (asked.status_code, asked.json()["type"]) == (401, "urn:scrivano:error:code-needed")
    replayed = await Browser(house)("POST", "/api/sessions", {**who, "code": code})
    assert (replayed.status_code, replayed.json()["type"]) == (401, "urn:scrivano:error:wrong-code")
    fresh = code_at(secret, int(time.time()) // 30 + 1)
    assert (await Browser(house)("POST", "/api/sessions", {**who, "code": fresh})).status_code == 201
    assert (await Browser(house)("POST", "/api/sessions", {**who, "code": fresh})).status_code == 401
    spare = codes[0].upper().replace("-", " ")
    assert (await Browser(house)("POST", "/api/sessions", {**who, "code": spare})).status_code == 201
    assert (await Browser(house)("POST", "/api/sessions", {**who, "code": spare})).status_code == 401
    await admin.ok("POST", "/api/people/me/second-factor/remove", {"password": PASSWORD})
    await Browser(house).sign_in("ada@example.org")


async def test_a_reset_link_sets_a_password_once_and_signs_out_everywhere(house: House) -> None:
    admin = await set_up(house)
    bo = await join(house, admin, "bo@example.org")
    made = await admin.ok("POST", f"/api/people/{bo.person['id']}/reset-link")
    body = {"token": token_of(made["url"]), "password": "nine slow herons"}
    await Browser(house).ok("POST", "/api/password-resets/finish", body)
    assert (await bo("GET", "/api/people/me")).status_code == 401
    assert (await Browser(house)("POST", "/api/password-resets/finish", body)).status_code == 404
    await Browser(house).sign_in("bo@example.org", "nine slow herons")
    asked = await Browser(house)("POST", "/api/password-resets", {"email": "bo@example.org"})
    assert (asked.status_code, asked.json()["type"]) == (409, "urn:scrivano:error:not-set-up")


async def test_whoever_is_shut_out_is_out_at_once_with_sessions_and_keys(house: House) -> None:
    admin = await set_up(house)
    bo = await join(house, admin, "bo@example.org")
    key = (await bo.ok("POST", "/api/keys", {"name": "laptop", "scopes": ["read", "llm"]}))["secret"]
    as_program = Browser(house)
    bearer = {"Authorization": f"Bearer {key}"}
    assert (await as_program("GET", "/api/projects", headers=bearer)).status_code == 200
    await admin.ok("PATCH", f"/api/people/{bo.person['id']}", {"disabled": True})
    assert (await bo("GET", "/api/people/me")).status_code == 401
    assert (await as_program("GET", "/api/projects", headers=bearer)).status_code == 401
    assert (await as_program("GET", "/v1/models", headers=bearer)).status_code == 401
    refused = await Browser(house)("POST", "/api/sessions", {"email": "bo@example.org", "password": PASSWORD})
    assert refused.json()["type"] == "urn:scrivano:error:wrong-password"
    await admin.ok("PATCH", f"/api/people/{bo.person['id']}", {"disabled": False})
    await Browser(house).sign_in("bo@example.org")


async def test_there_is_always_an_administrator_left(house: House) -> None:
    admin = await set_up(house)
    me = f"/api/people/{admin.person['id']}"
    assert (await admin("PATCH", me, {"role": "member"})).status_code == 409
    assert (await admin("PATCH", me, {"disabled": True})).status_code == 409
    assert (await admin("DELETE", me)).status_code == 409
    bo = await join(house, admin, "bo@example.org", role="administrator")
    await bo.ok("PATCH", me, {"role": "member"})
    assert (await admin("GET", "/api/people")).status_code == 403


async def test_the_audit_trail_tells_who_did_what(house: House) -> None:
    admin = await set_up(house)
    bo = await join(house, admin, "bo@example.org")
    await Browser(house)("POST", "/api/sessions", {"email": "bo@example.org", "password": "not right"})
    made = await bo.ok("POST", "/api/keys", {"name": "laptop"})
    await bo.ok("DELETE", f"/api/keys/{made['key']['id']}")
    await admin.ok("PATCH", f"/api/people/{bo.person['id']}", {"role": "administrator"})
    trail = await admin.ok("GET", "/api/audit?limit=100")
    kinds = [line["kind"] for line in reversed(trail)]
    assert kinds == [
        "person_added",
        "sign_in",
        "invited",
        "person_added",
        "sign_in",
        "sign_in_failed",
        "key_made",
        "key_revoked",
        "role_set",
    ]
    role = trail[0]
    assert (role["person_id"], role["subject"]) == (admin.person["id"], "bo@example.org")
    assert (role["details"]["was"], role["details"]["role"]) == ("member", "administrator")
    failed = await admin.ok("GET", "/api/audit?kind=sign_in_failed")
    assert [line["address"] for line in failed] == ["127.0.0.1"]
    assert PASSWORD not in str(trail) and made["secret"] not in str(trail)


async def test_a_person_takes_their_data_along_and_is_forgotten(house: House) -> None:
    admin = await set_up(house)
    bo = await join(house, admin, "bo@example.org")
    archive = await bo("GET", "/api/people/me/export")
    assert archive.headers["content-type"] == "application/zip"
    assert (await bo("POST", "/api/people/me/erase", {"password": "wrong one"})).status_code == 401
    await bo.ok("POST", "/api/people/me/erase", {"password": PASSWORD})
    assert (await bo("GET", "/api/people/me")).status_code == 401
    assert [p["email"] for p in await admin.ok("GET", "/api/people")] == ["ada@example.org"]
    assert "bo@example.org" not in (await admin("GET", "/api/audit?limit=500")).text
