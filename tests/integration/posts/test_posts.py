"""Posts from the idea to the published page: unattended, to gates, step by step, and without a model."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from scrivano.core.errors import NotFound
from scrivano.llm.public import ModelChange, NobodyCould, RequestStatus
from scrivano.posts.dto import PostNotFound, ProposalDecidedBefore, WrongField
from scrivano.posts.public import (
    Acceptance,
    ActionOrder,
    NewPost,
    NewSource,
    PostChanged,
    PostEdit,
    PostPlace,
    PostView,
    RunOrder,
    StageNotReady,
    WorkflowChange,
    WorkflowContent,
)
from scrivano.publishing.scripted.server import ScriptedSites
from scrivano.runs.public import RunStatus, raise_for_failure
from scrivano.tasks.public import SinkRef, SourceRef, TaskResult
from scrivano.wiring import House
from tests.integration.posts.post_room import carry_out, furnish, result_of, script, section
from tests.workshop import open_workshop


@pytest.fixture
async def sites() -> AsyncIterator[ScriptedSites]:
    async with ScriptedSites() as server:
        yield server


@pytest.fixture
async def house(database_url: str, tmp_path: Path) -> AsyncIterator[House]:
    """With a model and a search engine in reach."""
    async with open_workshop(database_url, tmp_path, script()) as place:
        assert place.model is not None
        await furnish(place.house, place.model.url)
        yield place.house


async def begin(house: House, **more: Any) -> PostView:
    given = {"topic": "Which glue holds an old table", "targets": ["site"], **more}
    return await house.posts.create(NewPost.model_validate(given))


async def filled(house: House, post: PostView, **fields: Any) -> PostView:
    current = await house.posts.get(post.id)
    return await house.posts.edit(post.id, PostEdit(revision=current.revision, fields=fields))


async def test_an_idea_is_published_unattended_with_its_sources_cited(
    database_url: str, tmp_path: Path, sites: ScriptedSites
) -> None:
    async with open_workshop(database_url, tmp_path, script()) as place:
        assert place.model is not None
        names = await furnish(place.house, place.model.url, sites)
        post = await begin(place.house, targets=names)
        result = await result_of(
            place.house, await place.house.posts.run(post.id, RunOrder(mode="unattended"))
        )

        assert (result.stage, result.stopped) == ("publish", [])
        assert len(result.published) == 3
        done = await place.house.posts.get(post.id)
        assert done.fields["slug"] == "glue-for-old-tables"
        assert done.fields["outline"][1]["sources"] == [1, 2]  # type: ignore[index,call-overload]
        (page,) = (tmp_path / "sites" / "site").rglob("*.md")
        text = page.read_text()
        assert "[^1]: [Hide glue](<https://example.org/hide>)" in text
        (wordpress,) = sites.wordpress.posts.values()
        (ghost,) = sites.ghost.posts.values()
        assert (
            "https://example.org/hide" in wordpress["content"] and "https://example.org/hide" in ghost["html"]
        )
        costs = await place.house.posts.costs(post.id)
        assert costs.requests == len(place.model.ledger.entries)
        runs = await place.house.llm.run_requests(costs.runs[0].run_id)
        assert all(r.prompt_version for r in runs if r.kind == "text" and r.status is RequestStatus.FINISHED)
        history = await place.house.posts.history(post.id)
        assert {change.author_kind for change in history} == {"run"}


async def test_a_run_waits_at_gates_and_goes_on_with_what_a_person_changed(house: House) -> None:
    post = await begin(house)
    started = await house.posts.run(post.id, RunOrder(until="draft"))
    run = await carry_out(house, started)
    assert (run.status, run.waiting_for) == (RunStatus.WAITING, "outline")
    fields = run.question["fields"]
    fields["outline"] = [{**fields["outline"][0], "heading": "My own heading"}, fields["outline"][1]]
    await house.runs.approve(started.run_id, "outline", approved=True, data={"fields": fields})
    result = await result_of(house, started)
    assert (result.stage, result.stopped) == ("draft", [])
    body = (await house.posts.get(post.id)).fields["body"]
    assert "## My own heading" in str(body) and "How to go about it" not in str(body)


async def test_a_no_at_a_gate_ends_the_run_and_keeps_all(house: House) -> None:
    post = await begin(house)
    started = await house.posts.run(post.id)
    await carry_out(house, started)
    await house.runs.approve(started.run_id, "outline", approved=False)
    result = await result_of(house, started)
    assert result.stopped
    done = await house.posts.get(post.id)
    assert done.stage == "outline" and done.fields["outline"]


async def test_step_by_step_each_action_is_a_proposal_to_accept_edit_or_reject(house: House) -> None:
    post = await begin(house)
    proposed = await result_of(house, await house.posts.automate(post.id, "find_angle"))
    (proposal,) = await house.posts.proposals.list(post.id, status="open")
    assert proposal.id == proposed.proposals[0]
    assert (await house.posts.get(post.id)).fields.get("angle") is None

    own = Acceptance(values={"angle": "My angle."})
    taken = await house.posts.proposals.accept(post.id, proposal.id, own)
    assert taken.status == "edited"
    assert (await house.posts.get(post.id)).fields["angle"] == "My angle."
    with pytest.raises(ProposalDecidedBefore):
        await house.posts.proposals.reject(post.id, proposal.id)

    assert (await house.posts.move(post.id)).stage == "research"
    with pytest.raises(StageNotReady, match="sources"):
        await house.posts.move(post.id)
    await result_of(house, await house.posts.automate(post.id, "search_web"))
    sources = await house.posts.sources(post.id)
    assert [s.kept for s in sources] == [False, False]
    await house.posts.keep_source(post.id, 2, kept=True)
    await house.posts.move(post.id)
    await result_of(house, await house.posts.automate(post.id, "plan_sections"))
    (outline,) = await house.posts.proposals.list(post.id, status="open")
    assert outline.values["outline"][1]["sources"] == [2]  # type: ignore[index,call-overload]
    await house.posts.proposals.reject(post.id, outline.id)
    assert (await house.posts.get(post.id)).fields.get("outline") is None


async def test_a_mark_that_points_at_no_kept_source_is_asked_for_again_then_taken_out(
    database_url: str, tmp_path: Path
) -> None:
    wrong = {"match": {"contains": "Write section 2"}, "text": section("[^7][^x]")}
    async with open_workshop(database_url, tmp_path, script(wrong)) as place:
        assert place.model is not None
        await furnish(place.house, place.model.url)
        post = await begin(place.house)
        order = RunOrder(mode="unattended", until="draft")
        result = await result_of(place.house, await place.house.posts.run(post.id, order))
        body = str((await place.house.posts.get(post.id)).fields["body"])
        assert "[^7]" not in body and "[^x]" not in body and "[^1]" in body
        assert any("[^7]" in note for note in result.notes)
        asked = ["".join(m["content"] for m in e.messages) for e in place.model.ledger.entries]
        second = [text for text in asked if "Write section 2" in text]
        assert len(second) == 2 and "[^7]" in second[1]


async def test_an_edit_that_loses_its_sources_is_not_taken(database_url: str, tmp_path: Path) -> None:
    bad = {"match": {"contains": "Edit this section"}, "text": section("")}
    async with open_workshop(database_url, tmp_path, script(bad)) as place:
        assert place.model is not None
        await furnish(place.house, place.model.url)
        post = await begin(place.house)
        order = RunOrder(mode="unattended", until="edit")
        result = await result_of(place.house, await place.house.posts.run(post.id, order))
        assert sum("stays as it was" in note for note in result.notes) == 3
        assert "[^2]" in str((await place.house.posts.get(post.id)).fields["body"])


async def test_what_a_person_wrote_is_not_overwritten_by_a_run(house: House) -> None:
    post = await begin(house)
    await filled(house, post, summary="Mine.", angle="Mine too.")
    await result_of(house, await house.posts.run(post.id, RunOrder(mode="unattended", until="metadata")))
    done = await house.posts.get(post.id)
    assert (done.fields["summary"], done.fields["angle"]) == ("Mine.", "Mine too.")
    assert done.fields["tags"] == ["glue", "tables"]


async def test_a_proposal_does_not_take_a_field_that_changed_meanwhile(house: House) -> None:
    post = await begin(house)
    await result_of(house, await house.posts.automate(post.id, "find_angle"))
    (proposal,) = await house.posts.proposals.list(post.id)
    await filled(house, post, angle="Mine.")
    with pytest.raises(PostChanged):
        await house.posts.proposals.accept(post.id, proposal.id)
    done = await house.posts.get(post.id)
    assert (done.fields["angle"], done.fields.get("questions")) == ("Mine.", None)
    taken = await house.posts.proposals.accept(post.id, proposal.id, Acceptance(only=["questions"]))
    assert taken.status == "accepted"


async def test_two_people_do_not_overwrite_each_other(house: House) -> None:
    post = await begin(house)
    await house.posts.edit(post.id, PostEdit(revision=1, fields={"body": "One two."}))
    with pytest.raises(PostChanged):
        await house.posts.edit(post.id, PostEdit(revision=1, fields={"body": "Three."}))
    await filled(house, post, body="Four.")
    assert [v.number for v in await house.posts.versions(post.id)] == [2, 1]
    assert (await house.posts.restore(post.id, 1)).fields["body"] == "One two."
    assert (await house.posts.diff(post.id, 1, 3)).unified == ""


async def test_without_a_model_rules_do_what_they_honestly_can(database_url: str, tmp_path: Path) -> None:
    async with open_workshop(database_url, tmp_path, model=False) as place:
        house = place.house
        post = await begin(house, title="Glue für Tische & Stühle")
        with pytest.raises(NobodyCould, match="Find the angle"):
            await result_of(house, await house.posts.automate(post.id, "find_angle"))
        await filled(
            house, post, body="Hide glue holds.[^1] Fish glue does as well. Glue is glue.\n\n## More\n\nGlue."
        )
        await result_of(house, await house.posts.automate(post.id, "write_metadata"))
        (proposal,) = await house.posts.proposals.list(post.id)
        assert proposal.made_by == "rules"
        assert proposal.values["slug"] == "glue-fur-tische-stuhle"
        assert str(proposal.values["summary"]).startswith("Hide glue holds.")
        assert "image_prompt" not in proposal.values


async def test_a_post_is_published_by_hand_alone(
    database_url: str, tmp_path: Path, sites: ScriptedSites
) -> None:
    async with open_workshop(database_url, tmp_path, model=False) as place:
        house = place.house
        await furnish(house, "http://127.0.0.1:9", sites)
        post = await begin(house, targets=["site", "wp"])
        await house.posts.add_source(post.id, NewSource(url="https://example.org/a", title="A"))
        await filled(
            house,
            post,
            questions=["q"],
            outline=[{"heading": "A"}, {"heading": "B"}],
            body=section("[^1]"),
            summary="S.",
            slug="glue",
        )
        for _ in range(6):
            await house.posts.move(post.id)
        shown = await house.posts.preview_publishing(post.id)
        assert [p.action for p in shown] == ["create", "create"]
        result = await result_of(house, await house.posts.automate(post.id, "publish"))
        assert len(result.published) == 2
        again = await result_of(house, await house.posts.automate(post.id, "publish"))
        assert again.published == result.published
        assert len(sites.wordpress.posts) == 1
        assert {p.status for p in await house.posts.publications(post.id)} == {"published"}


async def test_one_target_that_fails_does_not_hold_back_the_others(
    database_url: str, tmp_path: Path, sites: ScriptedSites
) -> None:
    async with open_workshop(database_url, tmp_path, script()) as place:
        assert place.model is not None
        names = await furnish(place.house, place.model.url, sites)
        post = await begin(place.house, targets=[names[1], names[0]])
        sites.wordpress.refuse = [500] * 9
        started = await place.house.posts.run(post.id, RunOrder(mode="unattended"))
        run = await carry_out(place.house, started)
        assert run.status is RunStatus.FAILED
        assert len(list((tmp_path / "sites" / "site").rglob("*.md"))) == 1
        sites.wordpress.refuse = []
        await place.house.runs.resume(started.run_id)
        raise_for_failure(await carry_out(place.house, started))
        assert len(sites.wordpress.posts) == 1


async def test_a_workflow_is_data_in_versions_that_posts_keep(house: House) -> None:
    post = await begin(house)
    workflow = await house.posts.workflows.get(post.workflow_id)
    content = workflow.content.model_dump(mode="json")
    content["stages"][0]["leave"] = [{"test": "filled", "field": "author"}]
    content["fields"].append({"name": "mood", "title": "Mood", "kind": "choice", "choices": ["calm", "loud"]})
    changed = WorkflowChange(content=WorkflowContent.model_validate(content), expected=1)
    assert (await house.posts.workflows.change(workflow.id, changed)).number == 2
    assert any("Questions" in line for line in (await house.posts.get(post.id)).missing)
    moved = await house.posts.take_workflow(post.id, 2)
    assert moved.missing == ["Author is empty."]
    with pytest.raises(WrongField):
        await filled(house, post, mood="sad")
    assert (await filled(house, post, mood="calm")).fields["mood"] == "calm"


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"words": "many"}, "words"),
        ({"tags": "one"}, "tags"),
        ({"title": "a\0b"}, "title"),
        ({"outline": [{"points": []}]}, "outline"),
        ({"nothing": 1}, "nothing"),
        ({"image": {"sha256": "x"}}, "image"),
        ({"words": 10**30}, "words"),
        ({"title": "\ud800"}, "title"),
    ],
)
async def test_a_value_that_is_not_of_its_kind_is_named(house: House, fields: Any, name: str) -> None:
    post = await begin(house)
    with pytest.raises(WrongField) as caught:
        await filled(house, post, **fields)
    assert caught.value.field == name


async def test_what_is_not_there_is_said_before_anything_starts(house: House) -> None:
    post = await begin(house)
    with pytest.raises(PostNotFound, match="no_such"):
        await house.posts.automate(post.id, "no_such")
    with pytest.raises(NotFound, match="scriptd"):
        await house.posts.automate(post.id, "find_angle", ActionOrder(model="scriptd"))
    with pytest.raises(PostNotFound):
        await house.posts.get(UUID(int=1))
    assert await house.posts.costs(post.id)


async def test_a_preview_is_what_is_sent(house: House) -> None:
    post = await begin(house)
    await house.llm.registry.discover()
    shown = await house.posts.previews.preview(post.id, "find_angle")
    assert shown.cost_high is not None
    started = await house.posts.automate(post.id, "find_angle")
    await result_of(house, started)
    (request,) = await house.llm.run_requests(started.run_id)
    sent = (await house.llm.get_request(request.id)).messages
    assert sent is not None
    assert [m.model_dump(mode="json", exclude_defaults=True) for m in sent] == shown.messages
    for action in ("write_sections", "edit_sections"):
        assert (await house.posts.previews.preview(post.id, action)).messages


async def test_the_price_of_sections_is_that_of_all_of_them(house: House) -> None:
    await house.llm.registry.discover()
    for model in await house.llm.registry.models():
        await house.llm.registry.change_model(
            model.id, ModelChange.model_validate({"input_mtok": 3, "output_mtok": 15})
        )
    post = await begin(house)
    preview = house.posts.previews.preview
    none = await preview(post.id, "write_sections")
    assert (none.calls, none.cost_high) == (0, None) and "no section" in none.note
    headings = ["Joints", "Glue", "Clamps"]
    outline = [{"heading": heading, "points": ["p"], "sources": []} for heading in headings]
    await filled(house, post, outline=outline[:1], words=600)
    one = await preview(post.id, "write_sections")
    await filled(house, post, outline=outline)
    all_three = await preview(post.id, "write_sections")
    assert (one.calls, all_three.calls) == (1, 3)
    assert one.cost_high is not None and all_three.cost_high is not None
    assert one.prompt_tokens is not None and (all_three.prompt_tokens or 0) > 2 * one.prompt_tokens
    started = await house.posts.automate(post.id, "write_sections")
    await result_of(house, started)
    sent = [
        [m.model_dump(mode="json", exclude_defaults=True) for m in request.messages or []]
        for request in [
            await house.llm.get_request(r.id) for r in await house.llm.run_requests(started.run_id)
        ]
    ]
    assert all_three.messages in sent
    spent = (await house.posts.costs(post.id)).cost
    assert 0 < spent <= all_three.cost_high
    body = "".join(f"## {heading}\n\nGlue holds what is clean.\n\n" for heading in headings)
    await filled(house, post, body=body)
    assert (await preview(post.id, "edit_sections")).calls == 3


async def test_a_task_reads_a_post_and_its_result_is_a_proposal(house: House) -> None:
    post = await begin(house, title="Glue")
    tasks = house.desk.tasks
    assert "post" in tasks.kinds["sources"] and "post" in tasks.kinds["sinks"]
    place = PostPlace(house.posts.desk, house.posts.proposals)
    assert (
        await place.read(post.project_id, SourceRef(kind="post", id=str(post.id), field="title"))
    ).text == "Glue"
    result = TaskResult(task_id=UUID(int=5), text="- one\n- two", title="Tags")
    where = SinkRef(kind="post", id=str(post.id), field="tags")
    receipts = [await place.write(post.project_id, where, result) for _ in range(2)]
    assert receipts[0] == receipts[1]
    (proposal,) = await house.posts.proposals.list(post.id, status="open")
    await house.posts.proposals.accept(post.id, proposal.id)
    assert (await house.posts.get(post.id)).fields["tags"] == ["one", "two"]
    with pytest.raises(PostNotFound):
        await place.check(UUID(int=7), where)
    with pytest.raises(PostNotFound, match="mood"):
        await place.check(post.project_id, SinkRef(kind="post", id=str(post.id), field="mood"))


async def test_the_sections_of_a_post_can_be_read_while_they_are_written(house: House) -> None:
    post = await begin(house)
    outline = [{"heading": "Joints", "points": ["dry fit"]}, {"heading": "Glue", "points": ["warm"]}]
    await filled(house, post, outline=outline, questions=["q"])
    await house.posts.add_source(post.id, NewSource(url="https://example.org/a", title="A"))
    started = await house.posts.automate(post.id, "write_sections")
    await result_of(house, started)
    events = await house.events.read(f"run:{started.run_id}", kinds=["section_text"])
    texts: dict[str, str] = {}
    for event in events:
        section_ = str(event.data["section"])
        texts[section_] = texts.get(section_, "")[: event.data["from"]] + event.data["text"]
    assert len(texts) == 2
    assert all(text.strip() == section("[^1]").strip() or "[^2]" in text for text in texts.values())
