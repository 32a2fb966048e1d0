"""What people wrote and asked: in their export, and without them once they are erased."""

import io
import zipfile
from pathlib import Path

import psycopg

from scrivano.documents.public import Author, Owner
from scrivano.llm.public import CallContext, Message
from scrivano.llm.scripted.server import ScriptedServer
from tests.integration.accounts.guests import join, open_installation, set_up


async def test_texts_and_requests_are_exported_and_lose_their_person(
    database_url: str, tmp_path: Path
) -> None:
    async with (
        ScriptedServer({}) as model,
        open_installation(database_url, tmp_path, discover_urls=model.url) as house,
    ):
        admin = await set_up(house)
        member = await join(house, admin, "bo@example.org")
        me = member.person["id"]
        document = (await house.documents.create("chapter", "One", owner=Owner(feature="books", id=me))).id
        wrote = Author(kind="person", id=me)
        await house.documents.add_version(document, "It rained on Bo.", expected_number=0, author=wrote)
        await house.llm.registry.discover()
        context = CallContext(feature="test", purpose="test", user_id=me)
        asked = [Message(role="user", content="Why does it rain on Bo?")]
        request = (await house.llm.generate_response(asked, context=context)).request_id

        packed = (await member("GET", "/api/people/me/export")).content
        with zipfile.ZipFile(io.BytesIO(packed)) as archive:
            assert "It rained on Bo." in archive.read("documents/versions.jsonl").decode()
            assert "Why does it rain on Bo?" in archive.read("requests/requests-0001.jsonl").decode()

        await admin.ok("DELETE", f"/api/people/{me}")
        assert (await house.documents.latest(document)).text == "It rained on Bo.", (
            "the project keeps its text"
        )
        assert (await house.documents.latest(document)).author.id is None
        left = await house.llm.get_request(request)
        assert left.user_id != me and left.cost is not None
        assert left.messages is None and left.answer is None
        async with await psycopg.AsyncConnection.connect(database_url) as connection:
            found = await connection.execute("SELECT count(*) FROM llm_names WHERE name = %s", [me])
            assert await found.fetchone() == (0,)
