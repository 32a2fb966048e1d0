"""Projects that lay in the bin long enough are gone with everything that belonged to them."""

from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from psycopg import sql

from scrivano.books.public import Brief
from scrivano.core.errors import Conflict
from scrivano.llm.scripted.server import ScriptedServer
from tests.integration.accounts.guests import open_installation, set_up
from tests.integration.api.access_makers import CANARY, MAKERS, World

KEPT = {"llm_requests", "audit_log", "projects"}


async def mentions(url: str) -> list[str]:
    """The tables in which a row still holds the canary."""
    found: list[str] = []
    async with await psycopg.AsyncConnection.connect(url) as connection:
        tables = await connection.execute(
            "SELECT table_schema, table_name FROM information_schema.tables"
            " WHERE table_schema IN ('public', 'dbos') AND table_type = 'BASE TABLE'"
        )
        for schema, table in await tables.fetchall():
            query = sql.SQL("SELECT count(*) FROM {} t WHERE t::text LIKE %s").format(
                sql.Identifier(schema, table)
            )
            row = await (await connection.execute(query, [f"%{CANARY}%"])).fetchone()
            if row and row[0]:
                found.append(table)
    return found


async def test_what_was_in_a_removed_project_is_nowhere_any_more(database_url: str, tmp_path: Path) -> None:
    async with (
        ScriptedServer({}) as model,
        open_installation(database_url, tmp_path, discover_urls=model.url) as house,
    ):
        admin = await set_up(house)
        project = (await admin.ok("POST", "/api/projects", {"name": "To go"}))["id"]
        world = World(house, admin, UUID(project))
        for name in sorted(set(MAKERS) - {"key_id", "invitation_id", "project_id"}):
            await world.of(name)
        held = {"name": "held", "scopes": ["read"], "project_id": project}
        await admin.ok("POST", "/api/keys", held)
        assert {"books", "posts", "songs", "reference_files", "tasks"} <= set(await mentions(database_url))
        await admin.ok("DELETE", f"/api/projects/{project}")
        assert await house.bin.empty() == 0, "its time is not up yet"
        async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as connection:
            await connection.execute(
                "UPDATE projects SET deleted_at = now() - interval '31 days' WHERE id = %s", [project]
            )
        assert await house.bin.empty() == 1
        assert await mentions(database_url) == []
        assert (await admin("GET", f"/api/projects/{project}")).status_code == 404
        trail = await admin.ok("GET", "/api/audit")
        assert "project_removed" in {line["kind"] for line in trail}
        assert await house.bin.empty() == 0


async def test_an_owner_removes_at_once_but_only_what_is_in_the_bin(
    database_url: str, tmp_path: Path
) -> None:
    async with open_installation(database_url, tmp_path) as house:
        admin = await set_up(house)
        project = (await admin.ok("POST", "/api/projects", {"name": "To go"}))["id"]
        assert (await admin("DELETE", f"/api/projects/{project}/for-good")).status_code == 404
        await admin.ok("DELETE", f"/api/projects/{project}")
        await admin.ok("DELETE", f"/api/projects/{project}/for-good")
        assert (await admin("POST", f"/api/projects/{project}/restore")).status_code == 404


async def test_a_removal_that_failed_half_way_is_not_undone_but_ended_later(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_installation(database_url, tmp_path) as house:
        admin = await set_up(house)
        project = (await admin.ok("POST", "/api/projects", {"name": "To go"}))["id"]
        await admin.ok("DELETE", f"/api/projects/{project}")
        rooms = list(house.bin._rooms)  # pyright: ignore[reportPrivateUsage]

        async def fails(_: UUID) -> None:
            raise Conflict("in use")

        monkeypatch.setattr(house.bin, "_rooms", [*rooms, fails])
        assert (await admin("DELETE", f"/api/projects/{project}/for-good")).status_code == 409
        assert (await admin("POST", f"/api/projects/{project}/restore")).status_code == 409
        monkeypatch.setattr(house.bin, "_rooms", rooms)
        assert await house.bin.empty() == 1


async def test_a_save_that_arrives_during_or_after_the_removal_leaves_nothing(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_installation(database_url, tmp_path) as house:
        admin = await set_up(house)
        project = UUID((await admin.ok("POST", "/api/projects", {"name": "To go"}))["id"])
        rooms = list(house.bin._rooms)  # pyright: ignore[reportPrivateUsage]
        saves = 0

        async def late(id: UUID) -> None:
            """A request that passed the door before, and whose save ends when the rooms are empty already."""
            nonlocal saves
            saves += 1
            if saves == 1:
                await house.library.add(id, f"{CANARY}.md", b"# Late", queue=False)
                brief = Brief.model_validate(
                    {"title": CANARY, "subject": CANARY, "words": 900, "chapters": 3}
                )
                await house.books.order(brief, model="built-in writer", project_id=id)

        monkeypatch.setattr(house.bin, "_rooms", [*rooms, late])
        await admin.ok("DELETE", f"/api/projects/{project}")
        await admin.ok("DELETE", f"/api/projects/{project}/for-good")
        assert saves == 2
        assert await mentions(database_url) == []

        await house.library.add(project, f"{CANARY}-later.md", b"# Later still", queue=False)
        assert await mentions(database_url) != []
        await house.bin.empty()
        assert await mentions(database_url) == []
