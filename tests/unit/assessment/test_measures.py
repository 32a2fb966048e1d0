"""Each measure notices what it is for, and says where."""

import random
from collections.abc import Callable

import pytest

from benchmarks.assessment import ASKED, Chapters, niches
from scrivano.assessment.dto import (
    ChapterText,
    GenreContent,
    KnownText,
    Manuscript,
    NothingToAssess,
    PlannedChapter,
    Report,
)
from scrivano.assessment.genre_files import chosen, shipped
from scrivano.assessment.measures.length import length_score
from scrivano.assessment.measures.readability import count_english, reading_ease, suits
from scrivano.assessment.measuring import measure
from scrivano.assessment.text import Prose

PLAIN = "The bench stands by the window. Its top is oak. A vise holds the wood. The lamp hangs low above it."


def genre(slug: str = "non-fiction") -> GenreContent:
    return shipped()[slug]


def report(*texts: str, slug: str = "non-fiction", **about: object) -> Report:
    chapters = [ChapterText(text=text) for text in texts]
    kind = "fiction" if slug == "fiction" else "non-fiction"
    return measure(Manuscript.model_validate({"chapters": chapters, "kind": kind, **about}), genre(slug))


def test_a_short_sentence_over_and_over_is_noticed_and_a_few_times_is_not() -> None:
    looped = report("The cat sat. " * 100)
    measured = {m.name: m for m in looped.measures}["repetition"]
    assert measured.score == 0
    (finding,) = [f for f in looped.findings if f.measure == "repetition"]
    assert finding.quote == "The cat sat."
    talk = report("“I know.” " * 3 + PLAIN)
    assert {m.name: m.score for m in talk.measures}["repetition"] == 100


def test_the_score_is_the_weighted_mean_of_what_could_be_measured() -> None:
    found = report(PLAIN, words=30)
    weights = sum(m.weight for m in found.measures)
    assert found.score == pytest.approx(sum(m.score * m.weight for m in found.measures) / weights, abs=0.001)
    assert found.of("coverage") is None, "without an outline there is nothing to cover"
    assert found.of("citations") is None, "nothing is claimed"


@pytest.mark.parametrize(
    ("words", "asked", "score"),
    [(1000, 1000, 100), (2500, 1000, 50), (4000, 1000, 0), (500, 1000, 50), (300, 1000, 0)],
)
def test_the_length_score(words: int, asked: int, score: float) -> None:
    assert length_score(words, asked) == pytest.approx(score, abs=0.01)


def test_what_is_said_twice_is_found_within_and_across_chapters() -> None:
    sentence = "Every morning the baker carries eleven sacks of flour down the narrow stairs."
    within = report(f"{PLAIN} {sentence}\n\nMore is said here. {sentence}")
    (finding,) = [f for f in within.findings if f.measure == "repetition"]
    assert finding.quote == sentence
    across = report(f"{PLAIN} {sentence}", f"Something else entirely is told here. {sentence}")
    (finding,) = [f for f in across.findings if f.measure == "repetition"]
    assert (finding.chapter, finding.quote) == (2, sentence)
    assert "Chapter 1" in finding.why


def test_every_finding_quotes_what_stands_at_its_offsets() -> None:
    text = (
        "# A *marked* heading\n\nStudies show that **oak** is best. [TODO: more]\n\n- First, the plane.\n"
        "- Studies show that the [plane](https://x.example) is old.\n\n> Studies show\n> that quotations go on."
    )
    findings = [f for f in report(text).findings if f.quote]
    assert {f.measure for f in findings} >= {"citations", "wholeness"}
    assert all(text[f.start : f.end] == f.quote for f in findings)


def test_points_of_the_outline_that_are_not_told_are_named() -> None:
    outline = [PlannedChapter(title="A bench", points=["oak top and vise", "insurance against hail"])]
    found = report(PLAIN, outline=outline)
    assert [f.why for f in found.findings if f.measure == "coverage"] == [
        "The outline wants “insurance against hail”, and the chapter says nothing of it."
    ]


def test_an_empty_chapter_and_a_missing_one_are_named() -> None:
    outline = [PlannedChapter(title=t, points=[t]) for t in ("oak bench", "steel vise", "warm lamp")]
    found = report(PLAIN, "", outline=outline)
    assert {f.why for f in found.findings} >= {
        "The chapter has no text.",
        "Chapter 3 of the outline, “warm lamp”, is not there.",
    }


def test_a_text_without_a_word_is_refused() -> None:
    with pytest.raises(NothingToAssess):
        report("   \n\n---\n")


def test_a_story_that_slips_out_of_its_tense_or_its_narrator() -> None:
    told = " ".join(f"He walked to gate {n} and it was closed." for n in range(12))
    slip = "He opens the door and is afraid. She looks up and says nothing."
    found = report(f"{told} {slip} {told}", slug="fiction")
    slipped = {f.quote for f in found.findings if f.measure == "voice"}
    assert slipped == {"He opens the door and is afraid.", "She looks up and says nothing."}
    found = report(f"{told} I wondered about my coat. {told}", slug="fiction")
    assert {f.quote for f in found.findings if f.measure == "voice"} == {"I wondered about my coat."}
    speech = report(f"{told} “I am here,” he said, “and it is late.” {told}", slug="fiction")
    assert not [f for f in speech.findings if f.measure == "voice"]


def test_a_name_in_two_spellings() -> None:
    text = (
        " ".join(f"On day {n} old Katharina came again." for n in range(6)) + " Then came Katherina as well."
    )
    (finding,) = [f for f in report(text).findings if f.measure == "names"]
    assert finding.why == "“Katherina” is elsewhere spelled “Katharina”."
    initials = "Then Jonas Weber came. We saw how Jonas Weber left. In the end K. Weber signed."
    assert any("K. Weber" in f.why for f in report(initials).findings)


def test_what_contradicts_a_reference_is_quoted_beside_it() -> None:
    found = report(
        "The bench is 95 cm high.", references=[KnownText(name="notes.md", text="The bench is 90 cm high.")]
    )
    (finding,) = [f for f in found.findings if f.measure == "contradictions"]
    assert finding.quote == "The bench is 95 cm high."
    assert finding.why == "notes.md says: “The bench is 90 cm high.”"


def test_ease_of_known_sentences() -> None:
    assert [count_english(w) for w in ("cat", "table", "walked", "reading", "the", "beautiful")] == [
        1,
        2,
        1,
        2,
        1,
        3,
    ]
    easy = Prose("The cat sat on the mat. The dog ran to the door. They sat in the sun.").sentences
    hard = Prose(
        "Institutional considerations necessitate comprehensive methodological documentation notwithstanding "
        "organisational heterogeneity and jurisdictional particularities."
    ).sentences
    assert reading_ease(easy, "en") > 100 > 0 > reading_ease(hard, "en")
    german = Prose("Die Katze sitzt auf der Matte. Der Hund läuft zur Tür.").sentences
    assert reading_ease(german, "de") > 70
    assert suits("children of six", (40, 75)) == (75, 100)
    assert suits("parents of small children", (40, 75)) == (40, 75)


def test_dialogue_is_asked_of_stories_alone() -> None:
    prose = " ".join(["He went on along the wall and thought of nothing much at all."] * 40)
    assert report(prose, slug="fiction").of("dialogue") is not None
    assert report(prose).of("dialogue") is None


def test_genres_are_chosen_by_name_domain_and_kind() -> None:
    genres = shipped()
    assert chosen(genres, "", "non-fiction", "parenting_preschool_learning").slug == "parenting"
    assert chosen(genres, "", "fiction").slug == "fiction"
    assert chosen(genres, "", "non-fiction").slug == "non-fiction"
    assert chosen(genres, "scholarly", "non-fiction", "ai_automation").slug == "scholarly"


@pytest.mark.parametrize("change", ASKED)
def test_a_book_to_which_something_was_done_scores_lower(
    change: Callable[[random.Random, Chapters], Chapters],
) -> None:
    """A sample of `python -m benchmarks.assessment`, which makes 500 such cases."""
    draw = random.Random(change.__name__)
    pairs = draw.sample(draw.choice(sorted(niches().items()))[1], 3)
    outline, chapters = [p for _, p in pairs], [c for c, _ in pairs]
    before = measure(Manuscript(chapters=chapters, outline=outline), genre("practical-guide"))
    after = measure(Manuscript(chapters=change(draw, chapters), outline=outline), genre("practical-guide"))
    assert after.score < before.score


@pytest.mark.parametrize(
    "text",
    [
        "x" * 200_000,
        "A. " * 30_000,
        "Aa Bb " * 20_000,
        "# \n" * 5_000 + "word",
        "|a|\n|-|\n" * 3_000 + "end.",
        "“" * 50_000 + "a",
    ],
    ids=["one word", "initials", "names", "headings", "tables", "quotes"],
)
def test_strange_texts_take_no_longer_than_others(text: str) -> None:
    assert 0 <= report(text).score <= 100
