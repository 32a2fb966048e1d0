"""A book put together by the built-in writer."""

import json
from pathlib import Path

import pytest

from scrivano.books.public import BUILT_IN, Brief, load_brief
from scrivano.core.errors import InvalidInput
from scrivano.references.public import read_references
from scrivano.runs.public import RunStatus, raise_for_failure
from tests.integration.books.conftest import Open

EXAMPLES = Path(__file__).parents[3] / "examples"
NICHES = [
    "ai-content-creation",
    "business-automation",
    "digital-products",
    "early-childhood",
    "ecommerce-marketing",
    "no-code-ai-tools",
    "online-store-setup",
    "preschool-learning",
    "speech-development",
]


HEDGES = {
    "Planting a hedge": "Plant a hedge in November, while the soil is still warm and the buds are asleep. Dig a trench two "
    "spades wide, since roots spread to the sides before they go down. Set the plants a hand's length deeper than "
    "they stood in the nursery. Water twice in the first week, even if it rains. A mulch of leaves keeps the frost out.",
    "Cutting a hedge": "Cut in June, after the birds have left their nests. A string between two canes keeps the line "
    "straight. Leave the foot wider than the top, or the lower leaves will lack light. Shears bruise less than a "
    "motor does. Carry the clippings away the same day, because wet heaps breed mildew.",
    "Keeping a hedge healthy": "Look for grey spots in August. They tell of a fungus that winters in fallen leaves. Rake "
    "these out and burn them. A thin layer of compost in March feeds the plants until autumn. Old hedges can be "
    "cut back to the knee and will grow again from the stump within three summers.",
    "Choosing plants": "Hornbeam keeps its brown leaves until spring and bears wind well. Beech wants lighter ground and sulks "
    "in clay. Privet grows fast, needs two cuts a year and feeds bees if one of them is left out. Yew lives longest and costs "
    "most, since it takes ten years to reach the shoulder. Buy bare roots in autumn, as they travel well and cost a third of "
    "potted plants. Three plants to the metre close the gap in four seasons.",
    "Mending gaps": "A gap at the foot is closed by bending a long shoot down and pegging it under a stone. It roots within a "
    "year. A gap in the middle wants a new plant, with the neighbours' roots cut back by a spade's breadth. Wire holds "
    "nothing for long; a dead hedge of prunings keeps dogs out until the young wood is strong. Count the losses in May and "
    "order the same kind again, for mixed ages are easier to live with than mixed habits.",
    "Living with neighbours": "Ask before the first spade goes in, because many towns set a distance from the boundary. Two metres "
    "is a common height, and a surveyor's mark settles quarrels that memory cannot. Offer to cut both sides on the same day. "
    "Whoever planted it usually pays for its care, and a letter with a sketch is worth more than a talk over the fence.",
}


async def test_a_book_says_on_every_page_of_its_account_who_wrote_it(workshop: Open) -> None:
    place = await workshop(model=False)
    brief = load_brief(EXAMPLES / "no-code-ai-tools.toml")
    references = await read_references(brief.references, EXAMPLES)
    book, result = await place.write(brief, references)

    assert result.generated_with == BUILT_IN
    _, content = await place.house.books.file(book.id, "provenance.json")
    account = json.loads(content)
    assert account["external_api_calls"] == 0
    assert account["calls"]["loopback"]["text"] == 0
    sentences = [s for c in account["chapters"] for s in c["sentences"]]
    assert sentences
    assert all(s["source_id"] and s["passage_id"] for s in sentences)
    texts = [s["text"] for s in sentences]
    assert len(texts) == len(set(texts))
    _, markdown = await place.house.books.file(book.id, "book.md")
    assert b"built-in writer" in markdown
    own = {r.name for r in references}
    assert sum(s["source_id"] in own for s in sentences) > len(sentences) / 2


@pytest.mark.parametrize("name", NICHES)
async def test_every_niche_gives_a_book(workshop: Open, name: str) -> None:
    place = await workshop(model=False)
    brief = load_brief(EXAMPLES / f"{name}.toml")
    book, result = await place.write(brief, await read_references(brief.references, EXAMPLES))
    assert result.words >= brief.words * 0.8
    assert {"book.pdf", "book.epub", "book.docx", "book.md"} <= set(result.files)
    assert book.finished_at is not None


async def test_a_subject_without_a_pack_is_written_from_the_references(workshop: Open) -> None:
    place = await workshop(model=False)
    brief = load_brief(EXAMPLES / "general-non-fiction.toml")
    _, result = await place.write(brief, await read_references(brief.references, EXAMPLES))
    assert result.words > 1500


async def test_fiction_is_refused_with_the_reason(workshop: Open) -> None:
    place = await workshop(model=False)
    book = await place.order(load_brief(EXAMPLES / "novella.toml"))
    run = await place.finish(book)
    assert run.status is RunStatus.FAILED
    with pytest.raises(InvalidInput, match="cannot invent a story"):
        raise_for_failure(run)


async def test_too_little_material_is_said_and_not_padded(workshop: Open, tmp_path: Path) -> None:
    sections = "\n\n".join(f"## {title}\n\n{text}" for title, text in HEDGES.items())
    (tmp_path / "note.md").write_text(f"# Hedges\n\n{sections}\n")
    place = await workshop(model=False)
    brief = Brief.model_validate(
        {"subject": "hedges", "words": 3000, "chapters": 3, "references": ["note.md"]}
    )
    _, result = await place.write(brief, await read_references(["note.md"], tmp_path))
    assert result.words <= 520
    assert result.notes


async def test_an_unknown_niche_is_refused_with_those_there_are(workshop: Open) -> None:
    place = await workshop(model=False)
    wrong = Brief.model_validate({"domain": "ai_automation", "niche": "no_code_ai_tool", "words": 1000})
    with pytest.raises(InvalidInput, match="no_code_ai_tool") as caught:
        await place.order(wrong)
    assert "no_code_ai_tools" in (caught.value.remedy or "")
