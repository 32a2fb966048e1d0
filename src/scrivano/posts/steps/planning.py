"""Before anything is done: which workflow, which models, which prompts, up to which stage."""

from difflib import get_close_matches

from scrivano.core import clock
from scrivano.core.database import Database
from scrivano.core.errors import InvalidInput, NotFound
from scrivano.llm.public import LLMService
from scrivano.posts import repo
from scrivano.posts.desk import Desk
from scrivano.posts.dto import PostNotFound
from scrivano.posts.stages import RULES, PostOrder, PostPlan
from scrivano.posts.workflow import WorkflowContent
from scrivano.prompts.public import Prompts
from scrivano.runs.public import current, step


class Planning:
    """Decides once, so that every later step, and every replay of it, follows the same plan."""

    def __init__(self, database: Database, desk: Desk, llm: LLMService, prompts: Prompts) -> None:
        self._database = database
        self._desk = desk
        self._llm = llm
        self._prompts = prompts

    @step()
    async def plan_post(self, order: PostOrder) -> PostPlan:
        """Pin the workflow's version, the prompts' and the models. Raises PostNotFound, InvalidInput, NotFound."""
        opened = await self._desk.open(order.post_id)
        check_order(opened.content, opened.row.stage, order)
        run_id = current().run_id
        if order.max_cost is not None:
            await self._llm.set_budget("run", run_id, order.max_cost)
        async with self._database.begin() as session:
            what = order.action or order.mode
            noted = {"post_id": order.post_id, "run_id": run_id, "what": what, "created_at": clock.now()}
            await repo.add_run(session, noted)
        models = await self._models(order.model)
        wanted = opened.content.templates()
        if order.action is not None:
            found = opened.content.action(order.action)
            wanted = [found[1].template] if found and found[1].template else []
        return PostPlan(
            post_id=order.post_id,
            project_id=opened.row.project_id,
            user_id=opened.row.user_id,
            content=opened.content,
            first=opened.row.stage,
            models=models,
            prompts=await self._prompts.pin(wanted) if models else {},
            inputs=order.inputs,
            unattended=order.mode == "unattended",
            single=order.action is not None,
        )

    async def _models(self, wanted: str | None) -> list[str]:
        if wanted == RULES:
            return []
        if wanted is not None:
            return [await require_model(self._llm, wanted)]
        await self._llm.registry.discover()
        reachable = await self._llm.reachable_models()
        # A server that is busy may answer late to a look around: what is known is asked all the same.
        known = reachable or [m for m in await self._llm.registry.models() if m.enabled]
        return list(dict.fromkeys(m.name for m in known if "chat" in m.capabilities))


async def require_model(llm: LLMService, name: str) -> str:
    """`name`, if a registered or discovered model goes by it. Raises NotFound with the nearest names."""
    for look in (False, True):
        if look:
            await llm.registry.discover()
        known = [m for m in await llm.registry.models() if m.enabled]
        if any(name in (m.name, f"{m.provider}/{m.name}") for m in known):
            return name
    names = sorted({m.name for m in known})
    close = get_close_matches(name, names, n=3, cutoff=0.4) or names[:8]
    raise NotFound(
        f"There is no model {name!r}.",
        field="model",
        remedy=f"Known are: {', '.join(close)}." if close else "Start a model server, or name `rules`.",
    )


def check_order(content: WorkflowContent, stage: str, order: PostOrder) -> None:
    """Raises PostNotFound for an action or stage that the workflow has not, InvalidInput for one that is over."""
    if order.action is not None and content.action(order.action) is None:
        known = ", ".join(a.name for s in content.stages for a in s.actions)
        raise PostNotFound(
            f"The workflow has no action {order.action!r}.", field="action", remedy=f"It has: {known}."
        )
    if order.until is None:
        return
    if content.stage(order.until) is None:
        known = ", ".join(s.name for s in content.stages)
        raise PostNotFound(
            f"The workflow has no stage {order.until!r}.", field="until", remedy=f"It has: {known}."
        )
    if content.position(order.until) < content.position(stage):
        raise InvalidInput(
            f"The post is past the stage {order.until} already.", field="until", remedy="Name a later one."
        )
