"""The services that answer for models and nothing else: what the gateway and the commands about models run on.

A smaller sibling of `wiring`, which builds on it. It leaves out whatever a program that only asks models never needs,
so that it starts in a fraction of the time and memory; the templates' room is opened when a template is first used.
"""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scrivano.accounts.service import Accounts
from scrivano.core import crashpoints, migrate
from scrivano.core.database import Database
from scrivano.core.secrets import SecretBox, open_secret_box
from scrivano.core.settings import Settings
from scrivano.llm.public import LLMService, Message

if TYPE_CHECKING:
    from scrivano.prompts.public import Prompts, RenderedPrompt, Sandbox, TemplateVersion


class Templates:
    """The prompt templates, as far as asking models needs them. Nothing is loaded before one is asked for."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._sandbox: Sandbox | None = None
        self._prompts: Prompts | None = None

    async def show(self, name: str) -> "TemplateVersion":
        """A template's version in production. Raises PromptNotFound."""
        return await (await self._room()).show(name)

    async def render(self, name: str, variables: Mapping[str, object]) -> "RenderedPrompt":
        """Its messages with these values. Raises what `Prompts.render` raises."""
        return await (await self._room()).render(name, variables)

    async def source(self, name: str, variables: Mapping[str, object]) -> tuple[list[Message], str]:
        """The port through which the LLM service gets its own prompts."""
        return await (await self._room()).source(name, variables)

    async def close(self) -> None:
        """End the process that fills templates in, if there is one."""
        if self._sandbox is not None:
            await self._sandbox.close()

    async def _room(self) -> "Prompts":
        if self._prompts is None:
            from scrivano.prompts.public import Prompts, Sandbox

            self._sandbox = self._sandbox or Sandbox()
            prompts = Prompts(self._database, self._sandbox)
            await prompts.load_starter()
            self._prompts = prompts
        return self._prompts


@dataclass(frozen=True)
class Gatehouse:
    """What answering for models takes, each thing once."""

    settings: Settings
    url: str
    database: Database
    accounts: Accounts
    llm: LLMService
    prompts: Templates


def secret_box(settings: Settings) -> SecretBox:
    """The box that this installation's keys are kept in."""
    key = settings.secret_key.get_secret_value() if settings.secret_key else None
    return open_secret_box(settings.home, key)


@asynccontextmanager
async def database_url(settings: Settings) -> AsyncGenerator[str]:
    """The database that the settings name, or the embedded one for as long as it is needed."""
    if settings.database_url is not None:
        yield settings.database_url.get_secret_value()
        return
    from scrivano.core.postgres import EmbeddedPostgres

    embedded = EmbeddedPostgres(settings.home)
    url = await embedded.start()
    try:
        yield url
    finally:
        await embedded.stop_if_unused()


def build(settings: Settings, url: str) -> Gatehouse:
    """Construct the services; nothing is read or started yet."""
    database = Database(url)
    templates = Templates(database)
    llm = LLMService(
        database,
        secret_box=lambda: secret_box(settings),
        prompts=templates.source,
        discover_urls=settings.discover_urls,
        private_hosts=settings.private_hosts,
    )
    return Gatehouse(settings, url, database, Accounts(database), llm, templates)


@asynccontextmanager
async def open_gatehouse(settings: Settings) -> AsyncGenerator[Gatehouse]:
    """The services over a database that is up to date."""
    crashpoints.configure(settings.crash_at)
    async with database_url(settings) as url:
        await migrate.upgrade(url)
        house = build(settings, url)
        try:
            await house.llm.start()
            yield house
        finally:
            await house.prompts.close()
            await house.llm.stop()
            await house.database.dispose()
