"""A house with a scripted model and a worker, over a fresh database."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from scrivano.prompts.public import TemplateContent
from scrivano.tasks.public import Tasks, TaskView
from scrivano.worker import pipelines, worker
from tests.workshop import Workshop, open_workshop

Open = Callable[..., Awaitable[Workshop]]


@pytest.fixture
async def studio(database_url: str, tmp_path: Path) -> AsyncIterator[Open]:
    """Opens a workshop with a template `describe` in it, and a worker that runs: `await studio(script)`."""
    async with AsyncExitStack() as stack:

        async def open_one(script: dict[str, Any] | None = None, *, working: bool = True) -> Workshop:
            place = await stack.enter_async_context(open_workshop(database_url, tmp_path, script))
            await place.house.llm.registry.discover()
            await place.house.prompts.create("describe", "Describes things.", DESCRIBE)
            if working:
                own = worker(place.house)
                await own.launch(pipelines(place.house))
                stack.push_async_callback(own.stop)
            return place

        yield open_one


DESCRIBE = TemplateContent.model_validate(
    {
        "variables": {
            "subject": {"type": "text"},
            "words": {"type": "number", "default": 30},
        },
        "settings": {"temperature": 0.4},
        "messages": [
            {"role": "system", "content": "You describe things."},
            {"role": "user", "content": "Describe {{ subject }}. Length: about {{ words }} words."},
        ],
    }
)


async def finished(place: Workshop, task: TaskView) -> TaskView:
    """The task once its run has ended."""
    tasks: Tasks = place.house.desk.tasks
    await place.house.runs.wait(str(task.run_id))
    return await tasks.get(task.id)
