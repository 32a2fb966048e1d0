"""Which notes are laid beside a chapter that is checked."""

from scrivano.books.bearing import bearing_on
from scrivano.references.public import count_words
from tests.unit.books.test_context_pieces import reference

SHEET = reference(
    "people",
    "## Mara Quinn\n\nAge: 34\n\nShe pilots the ferry.\n\n## Olaf\n\nKeeps bees on the far island.\n\n"
    "## Rosa (from chapter 7)\n\nRosa is Mara's daughter.",
)
TEXT = "Mara Quinn brought the ferry in. Rosa waited on the quay."


def test_what_shares_names_and_words_is_laid_beside_the_chapter_in_the_order_of_the_references() -> None:
    notes = bearing_on(TEXT, [SHEET], chapter=7)
    assert [n.text for n in notes] == ["Age: 34", "She pilots the ferry.", "Rosa is Mara's daughter."]
    assert (notes[0].source, notes[0].heading) == ("Notes", "Mara Quinn")


def test_a_secret_of_a_later_chapter_is_not() -> None:
    notes = bearing_on(TEXT, [SHEET], chapter=6)
    assert "Rosa is Mara's daughter." not in [n.text for n in notes]


def test_there_is_an_end_to_it_and_long_passages_come_in_pieces() -> None:
    sentences = [f"Mara Quinn saw the ferry number {n} of the northern line go by." for n in range(400)]
    long = reference("log", " ".join(sentences))
    notes = bearing_on(TEXT, [long], chapter=1, words=300)
    assert 200 < sum(count_words(n.text) for n in notes) <= 300
    assert all(n.text in long.text for n in notes)


def test_nothing_bears_on_a_text_that_shares_no_word() -> None:
    assert bearing_on("Snow fell.", [SHEET], chapter=9) == []
    assert bearing_on(TEXT, [], chapter=1) == []
