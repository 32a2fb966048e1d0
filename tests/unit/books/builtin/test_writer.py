"""The built-in writer on the shipped packs and on references of its own: what a book promises to its reader."""

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scrivano.books.brief import parse_brief
from scrivano.books.builtin.public import Material, choose_outline, compose, prose_of
from scrivano.books.dto import BookOutline, Brief, ComposedChapter, OutlineChapter
from scrivano.core.errors import InvalidInput
from scrivano.references.public import Passage, passages_of, split_blocks, words
from tests.unit.books.builtin.packs_folder import material_of, niches

Book = list[ComposedChapter]


def brief(**more: object) -> Brief:
    fields = {"domain": "ai_automation", "niche": "no_code_ai_tools", "words": 5000, "chapters": 5, **more}
    return parse_brief({key: value for key, value in fields.items() if value is not None})


def write(wanted: Brief, material: Material) -> tuple[BookOutline, Book]:
    outline = choose_outline(wanted, material)
    return outline, compose(wanted, outline, material)


def sentences(book: Book) -> list[str]:
    return [" ".join(words(s.text)) for chapter in book for s in chapter.sentences]


def own(name: str, folder: str, niche: str, *, sections: int | None = None) -> list[Passage]:
    """A niche's samples as if they were an author's own files."""
    passages: list[Passage] = []
    for sample in material_of(folder, niche).chapters[:sections]:
        passages += passages_of(f"{name}/{sample.title}.md", sample.title, sample.text)
    return passages


def the_reference_words() -> list[Passage]:
    parenting = "parenting_preschool_learning"
    return [
        p
        for n in ("speech_development", "preschool_learning", "early_childhood")
        for p in own("n", parenting, n)
    ]


@pytest.mark.parametrize(("domain", "niche"), niches())
def test_a_book_of_every_niche_keeps_its_promises(domain: str, niche: str) -> None:
    material = material_of(domain, niche)
    _, book = write(brief(domain=domain, niche=niche), material)
    said = sentences(book)
    assert len(said) == len(set(said))
    grams = [
        tuple(g)
        for c in book
        for t in [words(prose_of(c))]
        for g in zip(t, t[1:], t[2:], t[3:], strict=False)
    ]
    assert len(set(grams)) >= 0.95 * len(grams)
    assert abs(sum(c.words for c in book) - 5000) < 250
    assert len(book) == 5
    for chapter in book:
        counts = Counter(s.source_id for s in chapter.sentences if "/chapters/" in s.source_id)
        assert max(counts.values()) <= 0.4 * len(chapter.sentences)
        assert_traced(chapter, material)


def assert_traced(chapter: ComposedChapter, material: Material) -> None:
    assert " ".join(s.text for s in chapter.sentences) == prose_of(chapter)
    assert "\n\n".join(b.markdown for b in chapter.blocks) == chapter.markdown
    texts = {s.id: s.text for s in material.chapters}
    texts |= {s.id: " ".join(c.summary for c in s.chapters) for s in material.outlines}
    passages = {p.id: p for p in material.passages}
    passages |= {p.id: p for s in material.chapters for p in passages_of(s.id, s.title, s.text)}
    for sentence in chapter.sentences:
        if sentence.passage_id in passages:
            found = passages[sentence.passage_id]
            assert found.source == sentence.source_id
            assert sentence.text in " ".join(found.text.replace("\n>", "\n").split())
        else:
            assert sentence.text in texts[sentence.source_id]
    for block in chapter.blocks:
        assert block.source_id in texts or any(p.source == block.source_id for p in material.passages)


def test_blocks_of_the_material_survive_as_they_were() -> None:
    material = material_of("ai_automation", "no_code_ai_tools")
    _, book = write(brief(words=6000), material)
    sources = "\n".join(s.text for s in material.chapters)
    kinds = Counter(block.kind for chapter in book for block in chapter.blocks)
    assert {"heading", "paragraph", "list", "table", "quote"} <= set(kinds)
    for chapter in book:
        for block in chapter.blocks:
            if block.kind in ("list", "table", "quote"):
                assert block.markdown in sources
            assert [b.kind for b in split_blocks(block.markdown)] == [block.kind]


@pytest.mark.parametrize(
    "change",
    [
        {"audience": "experts", "tone": "analytical"},
        {"audience": "small-business owners"},
        {"tone": "warm"},
        {"words": 3000},
        {"chapters": 7},
        {"title": "Checking invoices by machine"},
    ],
)
def test_a_changed_brief_changes_the_book(change: dict[str, object]) -> None:
    material = material_of("ai_automation", "no_code_ai_tools")
    _, one = write(brief(audience="beginners", tone="practical"), material)
    _, other = write(brief(**{"audience": "beginners", "tone": "practical", **change}), material)
    assert sentences(one) != sentences(other)


def test_the_outline_suits_the_audience() -> None:
    material = material_of("ai_automation", "no_code_ai_tools")
    audiences = {s.title: s.audience for s in material.outlines}
    for audience, tone in (("beginners", "practical"), ("small-business owners", "analytical")):
        outline = choose_outline(brief(audience=audience, tone=tone), material)
        assert audiences[outline.title] == audience


def test_a_changed_reference_changes_the_book() -> None:
    material = material_of("ai_automation", "no_code_ai_tools")
    first = own("notes", "ai_automation", "business_automation", sections=1)
    second = own("notes", "ai_automation", "ai_content_creation", sections=1)
    books = [
        sentences(write(brief(), Material(material.outlines, material.chapters, notes))[1])
        for notes in ((), first, second)
    ]
    assert books[0] != books[1] != books[2] != books[0]


@pytest.mark.parametrize("length", [5000, 12000, 30000])
def test_with_20000_words_of_references_most_sentences_are_the_authors(length: int) -> None:
    pack = material_of("ecommerce_digital_products", "digital_products")
    notes = the_reference_words()
    assert sum(len(words(p.text)) for p in notes) >= 20_000
    wanted = brief(domain="ecommerce_digital_products", niche="digital_products", words=length, chapters=None)
    material = Material(pack.outlines, pack.chapters, notes)
    _, book = write(wanted, material)
    names = {p.source for p in notes}
    sources = [s.source_id for chapter in book for s in chapter.sentences]
    assert sum(s in names for s in sources) >= 0.6 * len(sources)
    assert len(sentences(book)) == len(set(sentences(book)))
    for chapter in book:
        assert_traced(chapter, material)


def test_without_a_pack_the_references_headings_make_the_outline() -> None:
    notes = own("notes", "parenting_preschool_learning", "early_childhood")
    titles = {p.source_title for p in notes}
    outline, book = write(
        brief(domain=None, niche=None, subject="The first years", chapters=None), Material(passages=notes)
    )
    assert outline.title == "The first years"
    assert {c.title for c in outline.chapters} <= titles
    assert all(s.source_id.startswith("notes/") for c in book for s in c.sentences)


def test_text_without_headings_becomes_chapters_too() -> None:
    text = "\n\n".join(
        p.text for p in own("n", "parenting_preschool_learning", "early_childhood") if p.kind == "paragraph"
    )
    notes = passages_of("notes.txt", "Notes", text)
    outline, book = write(
        brief(domain=None, niche=None, subject="Children", chapters=4), Material(passages=notes)
    )
    assert len(book) == 4
    assert all(c.title.startswith("Notes") for c in outline.chapters)
    assert len({c.title for c in outline.chapters}) == 4


def test_short_material_makes_a_shorter_book_and_says_so() -> None:
    material = material_of("ai_automation", "no_code_ai_tools")
    outline, book = write(brief(words=60_000, chapters=30), material)
    carried = sum(s.words for s in material.chapters)
    assert sum(c.words for c in book) < carried
    assert any("60,000 words" in note for note in outline.notes)
    assert any("30 chapters" in note for note in outline.notes)
    said = sentences(book)
    assert len(said) == len(set(said))


def test_a_chapter_without_material_is_left_out_and_named() -> None:
    notes = own("notes", "parenting_preschool_learning", "early_childhood", sections=2)
    outline = BookOutline(
        title="T",
        chapters=[
            OutlineChapter(number=1, title=notes[5].headings[0], words=800),
            OutlineChapter(number=2, title="Zymurgy", points=["fermentation vats"], words=40_000),
            OutlineChapter(number=3, title="Xylography", points=["carved woodblocks"], words=40_000),
        ],
    )
    wanted = brief(domain=None, niche=None, subject="Children", words=80_000, chapters=None)
    book = compose(wanted, outline, Material(passages=notes))
    notes_made = " ".join(line for chapter in book for line in chapter.shortfall)
    assert "Zymurgy" in notes_made or "Xylography" in notes_made


def test_fiction_is_refused_with_the_reason() -> None:
    wanted = brief(kind="fiction", premise="A lighthouse keeper vanishes.", domain=None, niche=None)
    for call in (
        lambda: choose_outline(wanted, Material()),
        lambda: compose(wanted, BookOutline(title="T", chapters=[]), Material()),
    ):
        with pytest.raises(InvalidInput) as caught:
            call()
        assert caught.value.field == "kind"
        assert "cannot invent" in caught.value.message


def test_no_material_is_an_error_with_a_remedy() -> None:
    with pytest.raises(InvalidInput) as caught:
        choose_outline(brief(domain=None, niche=None, subject="Bees"), Material())
    assert caught.value.field == "references"
    assert caught.value.remedy


def test_another_language_than_the_packs_uses_the_references_alone() -> None:
    pack = material_of("ai_automation", "no_code_ai_tools")
    notes = own("notizen", "parenting_preschool_learning", "early_childhood", sections=3)
    outline, book = write(
        brief(language="de", words=2000, chapters=None), Material(pack.outlines, pack.chapters, notes)
    )
    assert all(s.source_id.startswith("notizen/") for c in book for s in c.sentences)
    assert any("'en'" in note for note in outline.notes)


def test_repeats_in_the_references_are_used_once() -> None:
    notes = own("a", "parenting_preschool_learning", "early_childhood", sections=3)
    again = [p.model_copy(update={"id": f"copy{p.id}", "source": f"copy-{p.source}"}) for p in notes]
    wanted = brief(domain=None, niche=None, subject="Children", words=8000, chapters=None)
    _, book = write(wanted, Material(passages=[*notes, *again]))
    assert not any(s.source_id.startswith("copy-") for c in book for s in c.sentences)
    said = sentences(book)
    assert len(said) == len(set(said))


def test_nearly_the_same_sentence_is_used_once() -> None:
    filler = "\n\n".join(
        p.text for p in own("a", "parenting_preschool_learning", "early_childhood", sections=2)
    )
    text = (
        f"# Notes\n\n{filler}\n\n## Old draft\n\nThe kettle in the corner boils water for the whole village hall. "
        "Nobody knows who bought it in the first place. It has been there since before the flood came. "
        "\n\n## New draft\n\nThe kettle in the corner boils the water for the whole village hall. "
        "Its lid is missing and a saucer does the duty. Children are told to keep well away from it."
    )
    wanted = brief(domain=None, niche=None, subject="Hall", words=5000, chapters=1)
    _, book = write(wanted, Material(passages=passages_of("n.md", "Notes", text)))
    assert sum("kettle" in s.text for c in book for s in c.sentences) == 1


def test_what_points_elsewhere_and_what_is_cut_is_left_out() -> None:
    filler = "\n\n".join(
        p.text for p in own("a", "parenting_preschool_learning", "early_childhood", sections=2)
    )
    text = (
        f"# Notes\n\n{filler}\n\n## Kettles\n\nCopper kettles warm fast. As we saw in the last chapter, steel is slow. "
        "Lime has to be removed with vinegar once a month. Table 3 is\n\nThe parts are these:\n\n"
        "## Contents\n\n- Kettles\n- Vinegar\n"
    )
    wanted = brief(domain=None, niche=None, subject="Hall", words=5000, chapters=1)
    _, book = write(wanted, Material(passages=passages_of("n.md", "Notes", text)))
    prose = " ".join(prose_of(chapter) for chapter in book)
    assert "Copper kettles warm fast. Lime has to be removed" in prose
    for gone in ("last chapter", "Table 3", "The parts are these"):
        assert gone not in prose


def test_an_outline_changed_by_its_author_is_followed() -> None:
    material = material_of("ai_automation", "no_code_ai_tools")
    wanted = brief()
    outline = choose_outline(wanted, material)
    changed = outline.model_copy(deep=True)
    changed.chapters[1] = OutlineChapter(
        number=2, title="Mending What Breaks", summary="Faults and their repair.", points=["reading run logs"]
    )
    book = compose(wanted, changed, material)
    assert book[1].title == "Mending What Breaks"
    assert "run log" in book[1].markdown


def test_the_same_in_any_process() -> None:
    code = (
        "import hashlib\n"
        "from tests.unit.books.builtin.test_writer import brief, material_of, own, write\n"
        "from scrivano.books.builtin.public import Material\n"
        "m = material_of('ai_automation', 'no_code_ai_tools')\n"
        "n = own('n', 'parenting_preschool_learning', 'early_childhood', sections=3)\n"
        "o, b = write(brief(words=7000, chapters=None), Material(m.outlines, m.chapters, n))\n"
        "print(hashlib.sha256((o.model_dump_json() + ''.join(c.model_dump_json() for c in b)).encode()).hexdigest())"
    )
    root = Path(__file__).resolve().parents[4]
    seen = {
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=root,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(root)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(seen) == 1


PIECES = st.sampled_from(
    [
        "# Top\n\n",
        "## Part\n\n",
        "### Sub *two*\n\n",
        "A first sentence stands here. A second one follows it! Is there a third?\n\n",
        "*Set off as a whole. Twice.*\n\n",
        "- one item. And more.\n- two\n  - three\n\n",
        "1. first\n2. second\n\n",
        "> Quoted once. Quoted twice.\n> \n> After a gap.\n\n",
        "| a | b |\n|---|---|\n| 1 | 2 |\n\n",
        "```\ncode here. And here.\n```\n\n",
        "The list is this:\n\n",
        "No end of it\n\n",
        "1) Odd. - Dash. # Hash. > Angle. | Bar. * Star\n\n",
        "<b>Tags</b> and #set page(width: 1pt) and [links](https://example.org/a.b). Fine.\n\n",
        "日本語の文です。もう一つ。\n\n",
        "\n---\n\n",
        "word " * 60 + "end.\n\n",
    ]
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(PIECES, st.integers(0, 10_000)), min_size=5, max_size=60), st.integers(500, 3000))
def test_any_reference_gives_a_traced_book_or_a_clear_error(
    parts: list[tuple[str, int]], length: int
) -> None:
    text = "".join(part.replace("here", f"here{n}").replace("word", f"word{n}") for part, n in parts)
    material = Material(passages=passages_of("n.md", "Notes", text))
    wanted = brief(domain=None, niche=None, subject="Notes", words=length, chapters=None)
    try:
        _, book = write(wanted, material)
    except InvalidInput as error:
        assert error.field == "references"
        return
    said = sentences(book)
    assert len(said) == len(set(said))
    for chapter in book:
        assert " ".join(s.text for s in chapter.sentences) == prose_of(chapter)
        assert "\n\n".join(b.markdown for b in chapter.blocks) == chapter.markdown
        assert [b.kind for b in split_blocks(chapter.markdown)] == [b.kind for b in chapter.blocks]
