"""What comes from outside: pages that a search finds, and a picture."""

from hashlib import sha256
from uuid import UUID

from scrivano.core import clock
from scrivano.core.database import Database
from scrivano.llm.public import LLMError, LLMService, SearchHit, TooDear, TryLater
from scrivano.posts import repo
from scrivano.posts.desk import Desk
from scrivano.posts.proposals import Proposals
from scrivano.posts.stages import Outcome, PostPlan, Task, task_name
from scrivano.posts.steps.asking import action_of, context_of
from scrivano.publishing.public import is_web_address
from scrivano.runs.public import current, step

QUERIES = 8
PAGES_A_QUERY = 5
MOST_SOURCES = 12


class Researching:
    """Sources and pictures."""

    def __init__(self, database: Database, desk: Desk, proposals: Proposals, llm: LLMService) -> None:
        self._database = database
        self._desk = desk
        self._proposals = proposals
        self._llm = llm

    @step(item=task_name)
    async def search_web(self, plan: PostPlan, task: Task) -> Outcome:
        """Search for the post's questions, and store what is found with address, title, excerpt and date.

        A run keeps what it finds; where a person asked for one search, they choose what to keep. Where no engine
        can be asked, the notes say why, and sources are added by hand.
        """
        action = action_of(plan, task)
        opened = await self._desk.open(plan.post_id)
        given = plan.inputs.get("queries") or opened.fields.get(action.inputs.get("queries", "questions"))
        asked = [" ".join(str(q).split())[:500] for q in given] if isinstance(given, list) else []
        queries = [query for query in asked if query][:QUERIES]
        if not queries:
            return Outcome(notes=["There is no question to look up."])
        try:
            context = context_of(plan, action.name)
            found = await self._llm.search_web(queries, PAGES_A_QUERY, context=context)
        except (TryLater, TooDear):
            raise
        except LLMError as error:
            return Outcome(notes=[f"Nothing was searched: {error.message} Add sources by hand."])
        hits = [hit for hit in found.hits if is_web_address(hit.url)][:MOST_SOURCES]
        added = await self._add(plan.post_id, hits, kept=not plan.single)
        return Outcome(notes=[f"{added} new sources of {len(hits)} pages found."])

    async def _add(self, post_id: UUID, hits: list[SearchHit], *, kept: bool) -> int:
        added = 0
        async with self._database.begin() as session:
            await repo.get_post(session, post_id, lock=True)
            for hit in hits:
                values = {
                    "url": _clean(hit.url)[:2000],
                    "title": _clean(hit.title)[:500] or hit.url[:500],
                    "excerpt": _clean(hit.snippet)[:20_000],
                    "published": _clean(hit.published or "")[:40] or None,
                    "query": _clean(hit.query),
                    "kept": kept,
                    "found_at": clock.now(),
                }
                added += await repo.add_source(session, post_id, values) is not None
        return added

    @step(item=task_name)
    async def draw_image(self, plan: PostPlan, task: Task) -> Outcome:
        """A picture of what the post says it shows; where nobody draws, an optional one is left out."""
        action = action_of(plan, task)
        opened = await self._desk.open(plan.post_id)
        prompt = plan.inputs.get("prompt") or opened.fields.get(action.inputs.get("prompt", "image_prompt"))
        if not isinstance(prompt, str) or not prompt.strip():
            return Outcome(notes=["Nothing says what the picture shows."])
        try:
            picture = await self._llm.generate_image(prompt, context=context_of(plan, action.name))
        except LLMError as error:
            if action.optional:
                return Outcome(notes=[f"There is no picture: {error.message}"])
            raise
        digest = sha256(picture.data).hexdigest()
        stored = {"sha256": digest, "media_type": picture.media_type, "content": picture.data}
        async with self._database.begin() as session:
            await repo.put_image(session, {**stored, "post_id": plan.post_id, "made_at": clock.now()})
        proposal = await self._proposals.add(
            opened,
            task.stage,
            task.action,
            {action.outputs[0]: {"sha256": digest, "media_type": picture.media_type}},
            made_by="model",
            key=f"{current().run_id}/{task.action}",
            request_ids=[picture.request_id],
            run_id=current().run_id,
        )
        return Outcome(proposal_id=proposal.id)


def _clean(text: str) -> str:
    plain = text.replace("\0", "").encode("utf-8", "ignore").decode()
    return " ".join(plain.split())
