"""Keys that are held to one project; remarks of several people; what is said where no project is named."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from scrivano.accounts.public import Caller
from scrivano.core.errors import InvalidInput
from scrivano.projects.public import DEFAULT_PROJECT
from scrivano.wiring import House
from tests.integration.accounts.guests import Browser, join, open_installation, set_up


@pytest.fixture
async def house(database_url: str, tmp_path: Path) -> AsyncIterator[House]:
    async with open_installation(database_url, tmp_path) as opened:
        yield opened


async def test_a_key_of_one_project_gets_nothing_of_its_person_beyond_it(house: House) -> None:
    admin = await set_up(house)
    project = (await admin.ok("POST", "/api/projects", {"name": "One"}))["id"]
    order = {"name": "held", "scopes": ["read", "write"], "project_id": project}
    held = await admin.ok("POST", "/api/keys", order)
    other = await admin.ok("POST", "/api/keys", {"name": "free", "scopes": ["read", "write"]})
    for path in (
        *(
            "/api/people/me/export",
            "/api/keys",
            "/api/sessions",
            "/api/notifications/events",
            "/api/requests",
        ),
        f"/api/requests?user_id={admin.person['id']}",
        f"/api/usage?since=2026-01-01&user_id={admin.person['id']}",
    ):
        assert (await _by(house, held, "GET", path)).status_code == 403, path
    assert (await _by(house, other, "GET", "/api/people/me/export")).status_code == 200
    assert (await _by(house, held, "DELETE", "/api/sessions")).status_code == 403
    assert (await _by(house, held, "DELETE", f"/api/keys/{other['key']['id']}")).status_code == 403
    assert (await _by(house, held, "GET", f"/api/requests?project_id={project}")).status_code == 200
    assert (await _by(house, held, "GET", "/api/notifications")).status_code == 200
    assert (await _by(house, held, "DELETE", f"/api/keys/{held['key']['id']}")).status_code == 200
    assert await admin.ok("GET", "/api/people/me")


async def test_who_is_not_in_the_first_project_is_told_to_name_one(house: House) -> None:
    bo = await join(house, await set_up(house), "bo@example.org")
    for method, path, body in (
        ("GET", "/api/books", None),
        ("POST", "/api/books/create-guided", {"subject": "Herons"}),
        ("GET", "/api/references", None),
    ):
        answer = await bo(method, path, body)
        assert (answer.status_code, answer.json()["field"]) == (404, "project_id"), path
        assert answer.json()["remedy"] == "Name one of yours as project_id: GET /api/projects lists them."
    named = await bo("GET", f"/api/books?project_id={DEFAULT_PROJECT}")
    assert named.json()["detail"] == f"There is no project {DEFAULT_PROJECT}."


async def test_nobody_puts_words_into_the_mouth_of_another(house: House) -> None:
    admin = await set_up(house)
    bo = await join(house, admin, "bo@example.org")
    cy = await join(house, admin, "cy@example.org")
    project = (await bo.ok("GET", "/api/projects"))[0]["id"]
    await bo.ok("POST", f"/api/projects/{project}/members", {"email": "cy@example.org", "role": "editor"})
    manuscript = {"file": ("a.md", b"# One\n\nThe gate stood open.")}
    made = await bo.ok("POST", "/api/books/import", files=manuscript, data={"project_id": project})
    chapter = await bo.ok("GET", f"/api/books/{made['id']}/chapters/1")
    comments = f"/api/documents/{chapter['document_id']}/comments"
    bos = await bo.ok("POST", comments, {"quote": "gate", "body": "Colour?"})
    answer = await cy.ok("POST", f"{comments}/{bos['id']}/replies", {"body": "Red."})
    assert (await cy("PUT", f"{comments}/{bos['id']}", {"body": "Nonsense."})).status_code == 403
    assert (await cy("DELETE", f"{comments}/{bos['id']}")).status_code == 403
    # Not even whom the project belongs to writes in another's name; but they may tidy up.
    assert (await bo("PUT", f"{comments}/{answer['id']}", {"body": "Blue."})).status_code == 403
    assert (await cy.ok("PUT", f"{comments}/{answer['id']}", {"body": "Dark red."}))["body"] == "Dark red."
    assert (await bo("DELETE", f"{comments}/{answer['id']}")).status_code == 204
    assert [c["body"] for c in await bo.ok("GET", comments)] == ["Colour?"]


async def test_what_is_no_address_is_invited_by_nobody(house: House) -> None:
    for wrong in ("nope", "", "a b@example.org", "x@" + "y" * 300):
        with pytest.raises(InvalidInput, match="no e-mail address"):
            await house.entrance.links.invite(wrong, "administrator", {}, Caller())
    answer = await (await set_up(house))("POST", "/api/invitations", {"email": "nope"})
    assert answer.json()["detail"] == "body.email: This is no e-mail address such as ada@example.org."


async def _by(house: House, key: dict[str, Any], method: str, path: str) -> Any:
    return await Browser(house)(method, path, headers={"Authorization": f"Bearer {key['secret']}"})
