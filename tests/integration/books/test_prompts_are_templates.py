"""Every system and user message that a model was sent comes out of a template version in the database."""

from scrivano.llm.public import Message
from tests.integration.books.conftest import Open
from tests.prompting import literals, strays_of
from tests.workshop import small_brief


async def test_what_the_model_was_asked_stands_in_templates(workshop: Open) -> None:
    contradiction = {
        "findings": [
            {"quote": "QUOTE", "against": "Another one follows it closely.", "problem": "P", "fix": "F"}
        ]
    }
    text = "## Part\n\nA sentence with QUOTE in it stands here. Another one follows it closely."
    place = await workshop(
        {
            "rule": [
                {"match": {"contains": "Plan this book"}, "times": 1, "text": "no JSON at all"},
                {"match": {"contains": "Write chapter 1"}, "text": text},
                {"match": {"contains": "Find the sentences of chapter 1,"}, "json": contradiction},
                {"match": {"contains": "Find the sentences of chapter 1"}, "json": contradiction},
            ]
        }
    )
    book, _ = await place.write(small_brief(words=900, chapters=3))
    assert place.model is not None
    sent = {e.request_hash: e.messages for e in place.model.ledger.entries}
    logged = await place.house.llm.run_requests(book.run_id)
    purposes = {r.purpose for r in logged}
    assert purposes >= {
        "write_outline",
        "write_chapter",
        "continue_chapter",
        "summarize_chapter",
        "check_continuity",
    }

    full = [await place.house.llm.get_request(request.id) for request in logged]
    assert all(request.prompt_version for request in full)
    used = [await place.house.prompts.show_version(v) for v in {r.prompt_version for r in full} if v]
    assert "llm_reask" in {version.name for version in used}
    own = {role: set[str]().union(*(literals(v, role) for v in used)) for role in ("system", "user")}
    known: set[str] = set()
    for request in full:
        assert request.messages is not None
        for message in request.messages:
            if message.role != "assistant":
                assert any(piece in message.text for piece in own[message.role]), (
                    request.purpose,
                    message.role,
                )
                known.add(message.text)
    for messages in sent.values():
        assert all(m["role"] == "assistant" or m["content"] in known for m in messages), messages[0][
            "content"
        ]


async def test_a_message_out_of_nowhere_is_noticed(workshop: Open) -> None:
    version = await (await workshop()).house.prompts.show("summarize_chapter")
    words = max(literals(version, "system"))
    kept, stray = Message(role="system", content=words), Message(role="user", content="Sum this up.")
    assert strays_of([version], "summarize_chapter", [kept]) == []
    assert strays_of([version], "summarize_chapter", [kept, stray]) == [
        "summarize_chapter, user: 'Sum this up.' stands in no template"
    ]
