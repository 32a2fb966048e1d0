"""The choice of context: never over budget, never too early, the best there is, and accounted for."""

import random
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.context import (
    CASES,
    COUNTERS,
    best_by_trying,
    by_bm25,
    by_truncation,
    chosen,
    projects,
    random_project,
)
from scrivano.llm.scripted.tokens import count
from scrivano.prompts.context.knapsack import Table, solve
from scrivano.prompts.context.public import (
    Candidate,
    CastMember,
    ContextIndex,
    RequiredTooLong,
    Scene,
    choose,
)
from scrivano.references.public import split_sentences

SCENE = Scene(number=5, title="The lamp house", summary="Maren climbs the stair.", points=("the burnt lamp",))


def piece(id_: str, text: str, **more: object) -> Candidate:
    return Candidate.model_validate({"id": id_, "kind": "world", "text": text, **more})


def best_of_all(classes: list[list[tuple[int, float]]], capacity: int) -> float:
    """By trying every combination."""
    values = [0.0]
    for picked in product(*[[(0, 0.0), *options] for options in classes]):
        if sum(weight for weight, _ in picked) <= capacity:
            values.append(sum(value for _, value in picked))
    return max(values)


OPTION = st.tuples(st.integers(1, 40), st.floats(0.0, 10.0, allow_nan=False))


@settings(max_examples=150, deadline=None)
@given(st.lists(st.lists(OPTION, min_size=1, max_size=3), max_size=6), st.integers(0, 90))
def test_the_choice_of_options_is_the_best_there_is(
    classes: list[list[tuple[int, float]]], capacity: int
) -> None:
    found = solve(classes, capacity)
    best = best_of_all(classes, capacity)
    assert found.weight <= capacity
    assert found.exact
    assert found.value == pytest.approx(best, abs=1e-6)
    assert Table(classes, capacity).at(capacity).value == pytest.approx(best, abs=1e-6)


def test_a_choice_among_thousands_agrees_with_the_full_table() -> None:
    rng = random.Random(3)
    classes = [
        [(rng.randint(20, 90), rng.random() ** 2) for _ in range(rng.randint(1, 3))] for _ in range(400)
    ]
    found, table = solve(classes, 2000), Table(classes, 2000).at(2000)
    assert found.value == pytest.approx(table.value)
    assert found.weight <= 2000


def test_random_projects_keep_to_their_budget_and_tell_nothing_early() -> None:
    rng = random.Random(11)
    tried = 0
    for n in range(250):
        candidates, cast, scene, budget = random_project(rng)
        counter = list(COUNTERS.values())[n % len(COUNTERS)]
        index = ContextIndex(candidates, cast, count=counter)
        try:
            selection = choose(index, scene, budget)
        except RequiredTooLong as error:
            assert any(c.required and c.id in error.message for c in candidates)
            continue
        inside = {part.id for part in selection.parts}
        assert selection.tokens == (counter(selection.text) if selection.text else 0) <= budget
        assert all(c.from_chapter <= scene.number for c in candidates if c.id in inside)
        assert inside >= {c.id for c in candidates if c.required and c.from_chapter <= scene.number}
        assert inside | {left.id for left in selection.left_out} == {c.id for c in candidates}
        best = best_by_trying(index, scene, budget) if len(candidates) <= 8 else None
        if best:
            tried += 1
            assert selection.value >= 0.99 * best
    assert tried > 30


def test_needed_facts_are_found_more_often_than_by_plain_search_or_truncation() -> None:
    found = {"choice": 0, "bm25": 0, "truncation": 0}
    needed = later = 0
    for project in projects():
        for case in project.cases:
            inside, leaks = chosen(project, case)
            later += leaks
            needed += len(case.needs)
            found["choice"] += len(case.needs & inside)
            found["bm25"] += len(case.needs & by_bm25(project, case))
            found["truncation"] += len(case.needs & by_truncation(project, case))
    assert later == 0
    assert found["choice"] >= 0.96 * needed
    assert found["choice"] > found["bm25"] > found["truncation"]


@pytest.mark.parametrize("name", ["third", "fourth", "german"])
def test_sets_that_were_written_later_and_in_another_language_are_found_better_than_by_words_alone(
    name: str,
) -> None:
    pairs = [(project, case) for project in projects(CASES / name) for case in project.cases]
    assert pairs
    ours = sum(len(case.needs & chosen(project, case)[0]) for project, case in pairs)
    plain = sum(len(case.needs & by_bm25(project, case)) for project, case in pairs)
    assert ours > plain


def test_a_fact_that_shares_no_word_with_the_chapter_is_found_by_what_it_means() -> None:
    lungs = piece("lungs", "An asthmatic who wheezes after ten stairs.")
    others = [
        piece(f"other {n}", text)
        for n, text in enumerate(["The ledger is bound in red.", "Bread is baked at two.", "A narrow lane."])
    ]
    index = ContextIndex([*others, lungs], count=count)
    scene = Scene(number=1, title="Smoke", summary="He runs.", points=("his breath gives out", "coughing"))
    parts = {part.id: part for part in choose(index, scene, 500).parts}
    assert max(parts.values(), key=lambda part: part.score).id == "lungs"
    assert parts["lungs"].reasons["meaning"] > 0
    assert "relevance" not in parts["lungs"].reasons


def test_pieces_and_scenes_without_a_word_do_no_harm() -> None:
    empty = [piece(f"e{n}", text) for n, text in enumerate(["", "—", "🙂", "…\n\n***", "12", " "])]
    index = ContextIndex(
        [*empty, piece("stair", "The stair has steps, the lamp house a burnt lamp.")], count=count
    )
    selection = choose(index, SCENE, 500)
    assert "stair" in {part.id for part in selection.parts}
    assert all(0 <= part.score < 10 for part in [*selection.parts, *selection.left_out])
    silent = choose(index, Scene(number=1, title="—", summary="", points=("", "🙂")), 500)
    assert all(0 <= part.score < 10 for part in [*silent.parts, *silent.left_out])
    assert choose(ContextIndex([], count=count), SCENE, 500).parts == []


def test_a_long_piece_is_not_near_to_every_word_for_its_length_alone() -> None:
    filler = "barley harvest tariff ledger quay cargo tax bushel merchant weight cart gate mill coin clerk"
    long = piece(
        "long",
        " ".join(f"{word.capitalize()} and toll are written down there." for word in filler.split() * 3),
    )
    short = [piece(f"s{n}", f"The {word} is counted.") for n, word in enumerate(filler.split())]
    index = ContextIndex([long, *short, piece("pain", "A surgeon dulls the ache with ether.")], count=count)
    near = index.senses.near({"doctor": "doctor", "pain": "pain"}).sum(axis=1)
    assert near.argmax() == len(index.candidates) - 1
    assert near[0] < near[-1] / 2


def test_what_stands_near_the_best_find_is_found_by_way_of_it() -> None:
    sheet = piece("sheet", "The pen holds her insulin and freezes.", headings=("Tova",))
    research = piece("research", "Without insulin a person sickens in a day.", headings=("Insulin",))
    other = piece("other", "Bread is baked at two.", headings=("Ovens",))
    later = piece("later", "The pen was baked into the bread at two.", headings=("Tova",), from_chapter=9)
    index = ContextIndex([sheet, research, other, later], count=count)
    scene = Scene(number=3, title="Cold", summary="Somebody left the pen on the step.")
    assert [part.id for part in choose(index, scene, 500).parts] == ["sheet", "research"]


def test_a_fact_of_a_later_chapter_stays_out_however_well_it_fits() -> None:
    secret = piece("secret", "Maren burnt the lamp house herself, on the stair.", from_chapter=6)
    index = ContextIndex([secret, piece("stair", "The stair has ninety-one steps.")], count=count)
    selection = choose(index, SCENE, 500)
    assert [part.id for part in selection.parts] == ["stair"]
    assert [(left.id, left.why) for left in selection.left_out] == [("secret", "revealed later")]
    later = choose(index, SCENE.model_copy(update={"number": 6}), 500)
    assert {part.id for part in later.parts} == {"secret", "stair"}


def test_what_tells_of_the_chapter_itself_is_not_material_for_it() -> None:
    index = ContextIndex([piece("own", "Maren climbs the stair.", kind="outline", chapter=5)], count=count)
    (left,) = choose(index, SCENE, 500).left_out
    assert left.why == "is this chapter"


def test_of_two_that_say_the_same_one_goes_in() -> None:
    text = "The stair of the lamp house has ninety-one steps and the twelfth step creaks loudly"
    index = ContextIndex(
        [piece("one", text + "."), piece("two", text + " indeed."), piece("far", "Fish.")], count=count
    )
    selection = choose(index, SCENE, 500)
    assert len({part.id for part in selection.parts} & {"one", "two"}) == 1
    said = [left for left in selection.left_out if left.why == "said already"]
    assert [(left.id, left.instead) for left in said] in ([("two", "one")], [("one", "two")])


def test_somebody_in_the_scene_outweighs_somebody_who_is_only_spoken_of() -> None:
    cast = [
        CastMember(name="Maren Oyle", aliases=("the lamplighter",), role="protagonist"),
        CastMember(name="Tobias Ferrow", role="minor"),
    ]
    sheets = [
        piece("m", "Left-handed.", kind="character", headings=("Maren Oyle",)),
        piece("t", "Left-handed.", kind="character", headings=("Tobias Ferrow",)),
    ]
    scene = SCENE.model_copy(
        update={"summary": "The lamplighter climbs the stair.", "points": ("she thinks of Tobias",)}
    )
    index = ContextIndex(sheets, cast, count=count)
    scores = {part.id: part.score for part in choose(index, scene, 500).parts}
    assert scores["m"] > scores["t"] > 0


def test_a_name_that_two_people_bear_tells_neither() -> None:
    cast = [CastMember(name="Ada Rowe"), CastMember(name="Ben Rowe")]
    index = ContextIndex(
        [piece("r", "x", headings=("Rowe",)), piece("a", "y", headings=("Ada's desk",))], cast, count=count
    )
    assert index.about[:, 0].tolist() == [0.0, 0.0]
    assert index.about[:, 1].tolist() == [1.0, 0.0]


def test_an_office_names_whoever_alone_holds_it() -> None:
    cast = [CastMember(name="Sergeant Bell"), CastMember(name="Dr Lind"), CastMember(name="Dr Rowe")]
    index = ContextIndex([], cast, count=count)
    assert index.names.count("The sergeant's notes, and the doctor's. Dr Lind nods.") == {0: 1, 1: 1}


def test_long_pieces_are_cut_between_sentences_to_what_bears_on_the_scene() -> None:
    filler = [f"Number {n} of the many remarks on herring and on salt in barrels." for n in range(40)]
    filler[20] = "Maren knows that the lamp house has a stair of ninety-one steps."
    text = " ".join(filler)
    index = ContextIndex([piece("long", text)], count=count)
    (part,) = choose(index, SCENE, 230).parts
    assert "of 40 sentences" in part.cut
    assert filler[20] in part.text
    assert set(split_sentences(part.text)) <= set(split_sentences(text))
    assert part.text in text


def test_a_table_goes_in_whole_or_not_at_all() -> None:
    table = "\n".join(
        f"| lamp {n} | the stair of the lamp house and more words to fill the row |" for n in range(60)
    )
    index = ContextIndex([piece("table", table)], count=count)
    assert choose(index, SCENE, 200).parts == []
    assert choose(index, SCENE, 5000).parts[0].text == table


def test_what_is_required_and_does_not_fit_is_named() -> None:
    long = piece("rules of the house", "word " * 200, required=True)
    index = ContextIndex([long, piece("stair", "The stair.")], count=count)
    with pytest.raises(RequiredTooLong, match="rules of the house") as caught:
        choose(index, SCENE, 100)
    assert "100" in caught.value.message
    assert caught.value.remedy


def test_vectors_find_what_no_word_does() -> None:
    near = piece("near", "Herring is packed in salt.", vector=(0.0, 1.0))
    far = piece("far", "Bread is baked at two.", vector=(1.0, 0.0))
    other = piece("other", "Clocks run late.", vector=(1.0, 0.0, 0.0))
    index = ContextIndex([near, far, other], count=count)
    scene = SCENE.model_copy(update={"vector": (0.0, 2.0)})
    selection = choose(index, scene, 500)
    assert [part.id for part in selection.parts] == ["near"]
    assert selection.parts[0].reasons["likeness"] > 0


def test_genres_weigh_by_data() -> None:
    index = ContextIndex([piece("w", "The stair.")], count=count)
    general = choose(index, SCENE, 100).parts[0].score
    fantasy = choose(index, SCENE.model_copy(update={"genre": "Fantasy"}), 100).parts[0].score
    unknown = choose(index, SCENE.model_copy(update={"genre": "no such genre"}), 100).parts[0].score
    assert fantasy > general == unknown


def test_the_same_material_gives_the_same_choice() -> None:
    rng = random.Random(5)
    candidates, cast, scene, _ = random_project(rng)
    picks = [choose(ContextIndex(candidates, cast, count=count), scene, 300).text for _ in range(2)]
    assert picks[0] == picks[1]
