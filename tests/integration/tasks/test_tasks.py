"""Tasks from setting up to the history: what is sent, kept, told, stopped and done again."""

from datetime import timedelta
from uuid import uuid4

import pytest

from scrivano.core.errors import InvalidInput, NotFound
from scrivano.documents.public import Author, Owner
from scrivano.llm.public import ModelChange
from scrivano.prompts.public import MissingVariable, PartContent, TemplateContent, UnknownVariable
from scrivano.tasks.public import (
    Again,
    Comparison,
    DatasetChange,
    FromHistory,
    NewDataset,
    NewEvaluation,
    NewSchedule,
    NewTask,
    PreviewOutdated,
    SinkRef,
    SourceRef,
    SourceValue,
    TaskFilter,
    TaskStatus,
    Variant,
    Verdict,
    WrongTaskState,
)
from tests.integration.tasks.conftest import Open, finished

TIDES = NewTask(template="describe", variables={"subject": "tides"})


async def test_what_was_previewed_is_what_is_sent(studio: Open) -> None:
    place = await studio()
    desk = place.house.desk
    seen = await desk.tasks.preview(TIDES)
    assert seen.preview.exact and seen.preview.model == "scripted" and not seen.preview.warnings
    bound = TIDES.model_copy(update={"expected_hash": seen.preview.hash})
    done = await finished(place, await desk.tasks.create(bound))
    assert (done.status, done.prompt_hash) == (TaskStatus.SUCCEEDED, seen.preview.hash)
    assert place.model is not None
    sent = place.model.ledger.entries[-1]
    assert [(m["role"], m["content"]) for m in sent.messages] == [
        (m.role, m.text) for m in seen.preview.messages
    ]
    assert sent.prompt_tokens >= seen.preview.prompt_tokens
    request = await place.house.llm.get_request(done.request_id or uuid4())
    assert request.prompt_version == str(done.version_id)
    await place.house.prompts.edit("describe", DESCRIBED_OTHERWISE)
    with pytest.raises(PreviewOutdated):
        await desk.tasks.create(bound)
    rebuilt = await desk.tasks.rebuild(done.id)
    assert tuple(rebuilt.messages) == request.messages and rebuilt.hash == done.prompt_hash


DESCRIBED_OTHERWISE = TemplateContent.model_validate(
    {"variables": {"subject": {}}, "messages": [{"role": "user", "content": "What is {{ subject }}?"}]}
)


async def test_a_preview_warns_of_what_is_missing_and_unused(studio: Open) -> None:
    place = await studio()
    previews = place.house.desk.previews
    some = {
        "variables": {"a": {}, "b": {"required": False}},
        "messages": [{"role": "user", "content": "{{ a }} {{#if not b}}x{{/if}}"}],
    }
    shown = await previews.preview("any", {"b": "y"}, content=TemplateContent.model_validate(some))
    assert [(w.code, w.field) for w in shown.warnings] == [("missing_value", "a")]
    assert shown.hash is None and "⟨a⟩" in shown.messages[0].text
    long = await previews.preview("describe", {"subject": "very long " * 40_000})
    assert [w.code for w in long.warnings] == ["over_context_length"]
    with pytest.raises(InvalidInput, match="takes more than"):
        await place.house.desk.tasks.create(
            NewTask(template="describe", variables={"subject": "long " * 90_000})
        )


async def test_the_answer_is_told_while_it_grows_and_kept_whole(studio: Open) -> None:
    place = await studio({"tokens_per_second": 120})
    task = await place.house.desk.tasks.create(
        NewTask(template="describe", variables={"subject": "tides", "words": 60})
    )
    done = await finished(place, task)
    events = await place.house.events.read(f"run:{done.run_id}", kinds=["task_text"])
    told = ""
    for event in events:
        told = told[: event.data["from"]] + event.data["text"]
    assert told == done.text and len(events) > 1


async def test_bad_tasks_are_refused_before_anything_is_kept(studio: Open) -> None:
    place = await studio(working=False)
    tasks = place.house.desk.tasks
    for error, task in (
        (MissingVariable, NewTask(template="describe")),
        (UnknownVariable, NewTask(template="describe", variables={"subject": "x", "mood": "y"})),
        (NotFound, NewTask(template="nothing")),
        (NotFound, NewTask(template="describe", version=9, variables={"subject": "x"})),
        (InvalidInput, TIDES.model_copy(update={"sink": SinkRef(kind="moon", id="1")})),
        (NotFound, TIDES.model_copy(update={"sink": SinkRef(kind="document", id=str(uuid4()))})),
    ):
        with pytest.raises(error):
            await tasks.create(task)
    assert (await tasks.page(TaskFilter())).items == []


async def test_a_task_that_fails_says_why_and_can_be_done_again(studio: Open) -> None:
    place = await studio({"rule": [{"match": {"contains": "tides"}, "times": 1, "status": 400}]})
    tasks = place.house.desk.tasks
    failed = await finished(place, await tasks.create(TIDES.model_copy(update={"name": "First"})))
    assert failed.status is TaskStatus.FAILED and failed.error is not None and failed.error.message
    again = await finished(place, await tasks.retry(failed.id, Again(model="scripted")))
    assert (again.status, again.parent_id, again.name) == (TaskStatus.SUCCEEDED, failed.id, "First")
    with pytest.raises(WrongTaskState):
        await tasks.judge(failed.id, Verdict(rating=1))
    rated = await tasks.judge(again.id, Verdict(rating=4, comment="Good."))
    assert (rated.rating, rated.comment) == (4, "Good.")


async def test_a_task_can_be_stopped_before_and_while_it_runs(studio: Open) -> None:
    place = await studio({"rule": [{"hang": True}]}, working=True)
    tasks = place.house.desk.tasks
    running = await tasks.create(TIDES)
    assert place.model is not None
    await place.model.ledger.until(lambda entries: bool(entries))
    assert (await tasks.cancel(running.id)).status is TaskStatus.CANCELLED
    assert (await tasks.cancel(running.id)).status is TaskStatus.CANCELLED
    only_set_up = await tasks.create(TIDES, start=False)
    assert only_set_up.status is TaskStatus.CREATED
    assert (await tasks.cancel(only_set_up.id)).status is TaskStatus.CANCELLED
    with pytest.raises(WrongTaskState):
        await tasks.start(only_set_up.id)


async def test_an_answer_that_does_not_fit_its_schema_is_asked_for_again(studio: Open) -> None:
    shape = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
    place = await studio(
        {
            "rule": [
                {"times": 1, "text": "no JSON"},
                {"match": {"contains": "could not be used"}, "json": {"n": 3}},
            ]
        }
    )
    wanted = TIDES.model_copy(update={"settings": TIDES.settings.model_copy(update={"answer_schema": shape})})
    done = await finished(place, await place.house.desk.tasks.create(wanted))
    assert (done.status, done.value) == (TaskStatus.SUCCEEDED, {"n": 3})
    asked = await place.house.llm.run_requests(str(done.run_id))
    assert {request.prompt_name for request in asked} == {"describe", "llm_reask"}


async def test_inputs_come_from_documents_and_results_go_back_as_proposals(studio: Open) -> None:
    place = await studio({"rule": [{"text": "A better text."}]})
    documents, tasks = place.house.documents, place.house.desk.tasks
    document = await documents.create("post", "A text", owner=Owner(feature="notes", id="1"))
    await documents.add_version(
        document.id, "What a person wrote.", author=Author(kind="person"), expected_number=0
    )

    class Notes:
        async def read(self, project_id: object, ref: SourceRef) -> SourceValue:
            return SourceValue(text=(await documents.latest(document.id)).text)

    tasks.bind_source("note", Notes())
    task = NewTask(template="describe", inputs={"subject": SourceRef(kind="note", id=str(document.id))})
    done = await finished(place, await tasks.create(task))
    assert done.resolved == {"subject": "What a person wrote."} and done.text == "A better text."
    await documents.add_version(document.id, "Newer.", author=Author(kind="person"), expected_number=1)
    assert "What a person wrote." in (await tasks.rebuild(done.id)).messages[1].text


async def test_models_and_versions_are_compared_side_by_side(studio: Open) -> None:
    place = await studio({"models": ["small", "large"]})
    desk = place.house.desk
    await place.house.prompts.edit("describe", DESCRIBED_OTHERWISE)
    wanted = Comparison(
        task=NewTask(template="describe", variables={"subject": "tides"}),
        inputs=({}, {"subject": "moons"}),
        variants=(Variant(version=1, model="small"), Variant(version=2, model="large", label="new")),
    )
    grid = await desk.tasks.compare(wanted)
    for cell in grid.cells:
        await finished(place, cell.task)
    grid = await desk.tasks.grid(grid.group_id)
    assert [(c.input, c.variant, c.task.used_model, c.task.version) for c in grid.cells] == [
        (0, 0, "small", 1),
        (0, 1, "large", 2),
        (1, 0, "small", 1),
        (1, 1, "large", 2),
    ]
    assert grid.variants == ["small, version 1", "new"]


async def test_versions_with_other_inputs_are_compared_each_with_its_own(studio: Open) -> None:
    place = await studio(working=False)
    desk = place.house.desk
    content = DESCRIBED_OTHERWISE.model_dump()
    content["variables"]["mood"] = {}
    content["messages"][0]["content"] = "What is {{ subject }}? Be {{ mood }}."
    await place.house.prompts.edit("describe", TemplateContent.model_validate(content))
    both = {"subject": "tides", "mood": "calm"}
    variants = (Variant(version=1), Variant(version=2))
    grid = await desk.tasks.compare(
        Comparison(task=NewTask(template="describe", variables=both), variants=variants)
    )
    given = {cell.variant: cell.task.variables for cell in grid.cells}
    assert "mood" not in given[0]
    assert given[1] == both
    with pytest.raises(UnknownVariable, match="colour"):
        await desk.tasks.compare(
            Comparison(
                task=NewTask(template="describe", variables={**both, "colour": "red"}), variants=variants
            )
        )


async def test_the_history_is_filtered_and_paged(studio: Open) -> None:
    place = await studio(working=False)
    tasks = place.house.desk.tasks
    made = [
        await tasks.create(NewTask(template="describe", variables={"subject": f"Möwen {n}"}), start=False)
        for n in range(5)
    ]
    await tasks.create(NewTask(messages=({"content": "an ad-hoc question"},)), start=False)  # type: ignore[arg-type]
    first = await tasks.page(TaskFilter(template="describe"), limit=3)
    rest = await tasks.page(TaskFilter(template="describe"), before=first.next, limit=3)
    assert [t.id for t in [*first.items, *rest.items]] == [t.id for t in reversed(made)]
    assert rest.next is None
    assert [t.template for t in (await tasks.page(TaskFilter(text="AD hoc ques"))).items] == [None]
    assert len((await tasks.page(TaskFilter(text="möw"))).items) == 5
    assert (await tasks.page(TaskFilter(text="möw 3 nothing"))).items == []
    assert (await tasks.page(TaskFilter(status=TaskStatus.FAILED))).items == []
    assert (await tasks.page(TaskFilter(until=made[0].created_at))).items == []
    assert (await tasks.page(TaskFilter(project_id=uuid4()))).items == []


async def test_an_evaluation_scores_each_version_over_a_dataset(studio: Open) -> None:
    judged = {"score": 0.9, "reason": "Fine.", "quote": ""}
    place = await studio(
        {
            "rule": [
                {"match": {"contains": "# The rubric"}, "json": judged},
                {"match": {"contains": "What is broken"}, "status": 400},
                {"match": {"contains": "What is"}, "text": '{"kind": "tide"}'},
            ]
        }
    )
    evaluations = place.house.desk.evaluations
    await place.house.prompts.edit("describe", DESCRIBED_OTHERWISE)
    items = [
        {
            "variables": {"subject": "tides"},
            "expectations": [
                {"kind": "schema", "json_schema": {"type": "object", "required": ["kind"]}},
                {"kind": "contains", "text": "TIDE"},
                {"kind": "not_contains", "text": "sand"},
                {"kind": "regex", "pattern": "ti+de"},
                {"kind": "rubric", "rubric": "Names the thing."},
            ],
        },
        {"variables": {"subject": "broken"}, "expectations": [{"kind": "words", "least": 1}]},
    ]
    made = await evaluations.create(NewDataset.model_validate({"name": "things", "items": items}))
    new = NewEvaluation(template="describe", variants=(Variant(version=2), Variant(version=1)))
    begun = await evaluations.evaluate(made.id, new)
    await place.house.runs.wait(begun.run_id)
    done = await evaluations.evaluation(begun.id)
    assert done.scores is not None and done.begun
    first, second = done.scores
    assert first.score == pytest.approx(0.98 / 2) and (first.passed, first.failed) == (1, 1)
    assert second.version == 1 and second.items == 2
    assert [e.id for e in await evaluations.evaluations(made.id)] == [begun.id]
    with pytest.raises(InvalidInput):
        bad = {"name": "bad", "items": [{"expectations": [{"kind": "regex", "pattern": "("}]}]}
        await evaluations.create(NewDataset.model_validate(bad))


async def test_an_evaluation_says_its_price_before_and_takes_its_rows_from_the_history(studio: Open) -> None:
    place = await studio({"rule": [{"match": {"contains": "tides"}, "text": "The tide comes and goes."}]})
    evaluations, tasks = place.house.desk.evaluations, place.house.desk.tasks
    ran = await finished(
        place, await tasks.create(NewTask(template="describe", variables={"subject": "tides"}))
    )
    made = await evaluations.create(NewDataset(name="from the history"))
    filled = await evaluations.add_from(made.id, FromHistory(task_ids=(ran.id,)))
    assert [item.variables for item in filled.items] == [{"subject": "tides"}]

    wanted = NewEvaluation(template="describe", variants=(Variant(version=1), Variant(model="no/such")))
    told = await evaluations.estimate(made.id, wanted)
    assert (told.calls, told.counted, told.judgements) == (2, 2, 0)
    assert [one.version for one in told.variants] == [1, 1]
    assert told.low is None and told.variants[1].warnings, (
        "no price is invented for a model that is not there"
    )
    expected = {"kind": "rubric", "rubric": "Names the thing."}
    rows = [{"variables": {"subject": f"tides {n}"}, "expectations": [expected]} for n in range(300)]
    await evaluations.change(made.id, DatasetChange.model_validate({"items": rows}))
    many = await evaluations.estimate(made.id, NewEvaluation(template="describe"))
    assert (many.calls, many.counted, many.judgements) == (300, 240, 300)
    assert many.low is not None and many.high is not None and many.low <= many.high
    assert many.most is None, "what was not counted has no bound"
    one = {"items": [{"variables": {"subject": "tides"}}]}
    await evaluations.change(made.id, DatasetChange.model_validate(one))
    begun = await evaluations.evaluate(made.id, NewEvaluation(template="describe", judge="auto"))
    assert (begun.size, begun.judge, begun.variants[0].version) == (1, "auto", 1)
    await place.house.runs.wait(begun.run_id)
    assert [e.status for e in await evaluations.evaluations(made.id)] == [TaskStatus.SUCCEEDED]

    unfit = {"items": [{"name": "odd", "variables": {"sub": "tides"}}]}
    await evaluations.change(made.id, DatasetChange.model_validate(unfit))
    with pytest.raises(InvalidInput, match=r"Row 1 \(odd\), version 1"):
        await evaluations.estimate(made.id, NewEvaluation(template="describe"))
    free = await tasks.create(NewTask(messages=({"content": "no template"},)), start=False)  # type: ignore[arg-type]
    with pytest.raises(InvalidInput, match="no template"):
        await evaluations.add_from(made.id, FromHistory(task_ids=(free.id,)))


async def test_missed_times_of_a_schedule_are_made_up_for_once(studio: Open) -> None:
    place = await studio(working=False)
    schedules = place.house.desk.schedules
    made = await schedules.create(
        NewSchedule(name="Daily", cron="30 6 * * *", timezone="Europe/Vienna", task=TIDES)
    )
    assert await schedules.tick(made.next_at - timedelta(seconds=1)) == []
    started = await schedules.tick(made.next_at + timedelta(days=10))
    assert len(started) == 1
    assert await schedules.tick(made.next_at + timedelta(days=10)) == []
    task = await place.house.desk.tasks.get(started[0])
    after = await schedules.get(made.id)
    assert task.schedule_id == made.id and after.last_task_id == task.id
    assert timedelta(0) < after.next_at - made.next_at - timedelta(days=10) <= timedelta(days=1, hours=1)
    for cron in ("* * * *", "61 * * * *", "0 0 31 2 *", "@daily"):
        with pytest.raises(InvalidInput):
            await schedules.create(NewSchedule(name="x", cron=cron, task=TIDES))
    await schedules.remove(made.id)
    with pytest.raises(NotFound):
        await schedules.get(made.id)


async def test_the_cost_is_forecast_from_what_answers_took_so_far(studio: Open) -> None:
    place = await studio()
    for model in await place.house.llm.registry.models():
        await place.house.llm.registry.change_model(model.id, ModelChange(input_mtok=3, output_mtok=15))  # type: ignore[arg-type]
    tasks = place.house.desk.tasks
    first = (await tasks.preview(TIDES)).forecast
    assert first is not None and first.basis == "length"
    for number in range(12):
        values = {"subject": f"tide {number}", "words": 20 + 15 * number}
        await finished(place, await tasks.create(NewTask(template="describe", variables=values)))
    wanted = NewTask(template="describe", variables={"subject": "moons", "words": 100})
    seen = await tasks.preview(wanted)
    assert seen.forecast is not None and (seen.forecast.basis, seen.forecast.samples) == ("history", 12)
    done = await finished(place, await tasks.create(wanted))
    assert done.cost is not None and seen.preview.high is not None
    assert seen.forecast.low <= done.cost <= seen.forecast.high <= seen.preview.high
    assert seen.forecast.high / seen.forecast.low < 3


async def test_every_part_can_be_edited_without_changing_what_was_sent(studio: Open) -> None:
    place = await studio()
    prompts, tasks = place.house.prompts, place.house.desk.tasks
    await prompts.create_part("tone", "style", "", PartContent(text="Kindly."))
    body = {"messages": [{"role": "user", "content": [{"part": "tone"}, {"text": "Say hello."}]}]}
    await prompts.create("hello", "", TemplateContent.model_validate(body))
    done = await finished(place, await tasks.create(NewTask(template="hello")))
    await prompts.edit_part("tone", PartContent(text="Sternly."))
    await prompts.archive("hello")
    await prompts.archive_part("tone")
    request = await place.house.llm.get_request(done.request_id or uuid4())
    assert request.messages == tuple((await tasks.rebuild(done.id)).messages)
