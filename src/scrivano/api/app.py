"""The application: routes, errors, and the services that it holds for as long as it runs."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager

from fastapi import FastAPI

from scrivano import __version__
from scrivano.api import addresses, described, errors, gateway, studio
from scrivano.api.routes import (
    accounts,
    assessment,
    books,
    chapters,
    comparisons,
    context,
    covers,
    documents,
    domains,
    health,
    llm,
    lookup,
    music,
    notifications,
    packs,
    posts,
    projects,
    prompts,
    publishing,
    references,
    runs,
    sessions,
    tasks,
    training,
    webhooks,
    workflows,
)
from scrivano.core.settings import Settings
from scrivano.wiring import House, open_house


def make_app(
    settings: Settings | None,
    *,
    house: House | None = None,
    opened: Callable[[House], Awaitable[None]] | None = None,
) -> FastAPI:
    """The ASGI application.

    With `settings` it opens the services when it starts and closes them when it ends; with `house` it uses that one;
    with neither it only describes itself. `opened` is called before the first request is answered.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
        if settings is None:
            yield
            return
        async with open_house(settings) as own:
            app.state.house = own
            if opened is not None:
                await opened(own)
            yield

    app = FastAPI(
        title="Scrivano",
        version=__version__,
        summary="A self-hosted, local-first studio for long-form work made with language models.",
        lifespan=lifespan,
        openapi_tags=[
            {"name": "sign-in", "description": "Set-up, invitations, signing in and out, new passwords."},
            {"name": "people", "description": "People, second factors, API keys, the audit trail."},
            {"name": "projects", "description": "Projects and who may read and change them."},
            {"name": "domains", "description": "Domains and niches that the installed packs bring."},
            {"name": "books", "description": "Books: order, follow, take the files."},
            {"name": "chapters", "description": "Chapters: read, edit, write anew, compare, trace."},
            {"name": "covers", "description": "Covers: draw, have painted, bring, letter, choose."},
            {"name": "documents", "description": "Texts: versions, proposals, comments."},
            {"name": "references", "description": "Files that authors write with: upload, read, search."},
            {"name": "notifications", "description": "What a person should know, with live events."},
            {"name": "webhooks", "description": "Programs elsewhere that are told, signed and retried."},
            {
                "name": "prompts",
                "description": "Prompts: parts, templates, versions, labels, previews, files.",
            },
            {"name": "tasks", "description": "Tasks, comparisons, datasets with evaluations, schedules."},
            {
                "name": "posts",
                "description": "Posts: fields, stages, actions as proposals, runs, publishing.",
            },
            {"name": "workflows", "description": "Workflows of posts, as data in versions."},
            {"name": "publishing", "description": "Places that posts go to, and what went there."},
            {"name": "assessment", "description": "Scores of texts and books, and the genres behind them."},
            {
                "name": "blind comparisons",
                "description": "The same chapter written twice, chosen between blindly.",
            },
            {"name": "training", "description": "Samples from choices and edits: consent, a look, deletion."},
            {"name": "music", "description": "Songs: order, change, take the files."},
            {
                "name": "runs",
                "description": "Durable runs: status, approval, cancel, resume, retry, live events.",
            },
            {
                "name": "providers",
                "description": "Where models are: servers on this machine, in the network, in the cloud.",
            },
            {"name": "models", "description": "Models with tier, capabilities and prices."},
            {"name": "limits", "description": "Where a project's requests may go, and what they may cost."},
            {"name": "usage", "description": "Every request, what it cost, and what was saved."},
            {"name": "packs", "description": "Packs: install, export, remove; their training samples."},
            {"name": "backup", "description": "The whole installation in one file."},
            {"name": "health", "description": "Whether the service is up and its database answers."},
        ],
    )
    if house is not None:
        app.state.house = house
    errors.install(app)
    app.router.routes[:0] = gateway.routes()
    for router in (
        sessions.router,
        accounts.router,
        projects.router,
        references.router,
        notifications.router,
        webhooks.router,
        domains.router,
        books.router,
        chapters.router,
        covers.router,
        context.router,
        documents.router,
        posts.router,
        workflows.router,
        publishing.router,
        publishing.feeds,
        music.router,
        runs.router,
        runs.project_router,
        *prompts.routers,
        *tasks.routers,
        assessment.router,
        comparisons.router,
        training.router,
        lookup.router,
        llm.router,
        packs.router,
        health.router,
    ):
        # The routes as they are: `include_router` would analyse each of them a second time, for half a second.
        app.router.routes.extend(router.routes)
    studio.install(app)
    described.install(app)
    addresses.install(app)
    return app
