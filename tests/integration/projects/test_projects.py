"""Projects: members, roles, the bin, and what becomes of them when somebody leaves."""

import io
import json
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from scrivano.wiring import House
from tests.integration.accounts.guests import PASSWORD, Browser, join, open_installation, set_up


@pytest.fixture
async def house(database_url: str, tmp_path: Path) -> AsyncIterator[House]:
    async with open_installation(database_url, tmp_path) as opened:
        yield opened


async def _shared(admin: Browser) -> str:
    return f"/api/projects/{(await admin.ok('POST', '/api/projects', {'name': 'Shared'}))['id']}"


async def test_owners_take_people_in_and_give_them_roles(house: House) -> None:
    admin = await set_up(house)
    bo = await join(house, admin, "bo@example.org")
    path = await _shared(admin)
    assert (await bo("GET", path)).status_code == 404
    members = await admin.ok("POST", f"{path}/members", {"email": "bo@example.org", "role": "viewer"})
    assert [(m["name"], m["role"]) for m in members] == [("Ada Amsel", "owner"), ("Bo", "viewer")]
    assert (await bo.ok("GET", path))["role"] == "viewer"
    assert (await bo("PATCH", path, {"name": "Mine now"})).status_code == 403
    await admin.ok("PUT", f"{path}/members/{bo.person['id']}", {"role": "editor"})
    assert (await bo.ok("PATCH", path, {"description": "Ours"}))["description"] == "Ours"
    refused = await bo("POST", f"{path}/members", {"email": "bo@example.org", "role": "owner"})
    assert refused.status_code == 403
    nobody = await admin("POST", f"{path}/members", {"email": "no@example.org", "role": "viewer"})
    assert nobody.status_code == 404


async def test_members_leave_but_not_the_last_owner(house: House) -> None:
    admin = await set_up(house)
    bo = await join(house, admin, "bo@example.org")
    path = await _shared(admin)
    await admin.ok("POST", f"{path}/members", {"email": "bo@example.org", "role": "viewer"})
    me, them = f"{path}/members/{admin.person['id']}", f"{path}/members/{bo.person['id']}"
    assert (await bo("DELETE", me)).status_code == 403
    assert (await admin("DELETE", me)).status_code == 409
    assert (await admin("PUT", me, {"role": "editor"})).status_code == 409
    await bo.ok("DELETE", them)
    assert (await bo("GET", path)).status_code == 404
    assert (await admin("DELETE", them)).status_code == 404
    assert (await admin("PUT", them, {"role": "owner"})).status_code == 404


async def test_the_default_project_stays(house: House) -> None:
    admin = await set_up(house)
    default = (await admin.ok("GET", "/api/projects"))[0]["id"]
    assert (await admin("DELETE", f"/api/projects/{default}")).status_code == 409


async def test_nobody_is_erased_while_others_work_in_what_is_theirs_alone(house: House) -> None:
    admin = await set_up(house)
    bo = await join(house, admin, "bo@example.org")
    path = await _shared(bo)
    await bo.ok("POST", f"{path}/members", {"email": "ada@example.org", "role": "editor"})
    refused = await bo("POST", "/api/people/me/erase", {"password": PASSWORD})
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:scrivano:error:last-owner")
    await bo.ok("PUT", f"{path}/members/{admin.person['id']}", {"role": "owner"})
    await bo.ok("POST", "/api/people/me/erase", {"password": PASSWORD})
    assert [m["email"] for m in await admin.ok("GET", f"{path}/members")] == ["ada@example.org"]


async def test_the_export_holds_projects_and_account(house: House) -> None:
    admin = await set_up(house)
    await _shared(admin)
    answer = await admin("GET", "/api/people/me/export")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        projects = json.loads(archive.read("projects/projects.json"))
        person = json.loads(archive.read("accounts/person.json"))
        assert archive.read("accounts/audit.json")
    assert {p["name"] for p in projects} == {"Shared", "My work"}
    assert person["email"] == "ada@example.org" and "password_hash" not in person


async def test_without_sign_in_every_project_is_one_s_own(house: House) -> None:
    guest = Browser(house)
    path = await _shared(guest)
    assert (await guest.ok("GET", path))["role"] == "owner"
    await guest.ok("DELETE", path)
    assert [p["name"] for p in await guest.ok("GET", "/api/projects?deleted=true")] == ["Shared"]
    await guest.ok("POST", f"{path}/restore")
    assert (await guest("PATCH", path, {"name": "\x00"})).status_code == 422
