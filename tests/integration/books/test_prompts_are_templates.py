"""Every system and user message that a model was sent comes out of a template version in the database."""

import re

from scrivano.prompts.public import TemplateVersion
from tests.integration.books.conftest import Open
from tests.workshop import small_brief

LONG = 24


def literals(version: TemplateVersion, role: str) -> set[str]:
    """The long stretches of a template's own words, without what stands between braces."""
    texts = [
        item.text if item.text is not None else version.parts[item.part or ""].content.text
        for message in version.content.messages
        if message.role == role
        for item in message.content
    ]
    pieces = [p.strip() for t in texts for line in t.splitlines() for p in re.split(r"\{\{.*?\}\}", line)]
    return {p for p in pieces if len(p) >= LONG}


async def test_what_the_model_was_asked_stands_in_templates(workshop: Open) -> None:
    contradiction = {"findings": [{"quote": "QUOTE", "problem": "P", "fix": "F"}]}
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

    known: set[str] = set()
    for request in logged:
        full = await place.house.llm.get_request(request.id)
        assert full.prompt_version, request.purpose
        version = await place.house.prompts.show_version(full.prompt_version)
        assert full.messages is not None
        for message in full.messages:
            if message.role == "assistant":
                continue
            reask = await place.house.prompts.show("llm_reask")
            own = literals(version, message.role) | literals(reask, message.role)
            assert any(piece in message.text for piece in own), (request.purpose, message.role)
            known.add(message.text)
    for messages in sent.values():
        assert all(m["role"] == "assistant" or m["content"] in known for m in messages), messages[0][
            "content"
        ][:80]
