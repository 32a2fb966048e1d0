"""The only place that constructs things: the services of one process. What a worker adds stands in `worker.py`."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from scrivano.accounts.public import (
    Accounts,
    Audit,
    Guesses,
    Links,
    Mail,
    Passwords,
    People,
    PersonalRooms,
    Sessions,
    SignIn,
)
from scrivano.assessment.public import Assessments, ComparedBooks, Comparisons
from scrivano.books.context.public import ChapterContexts
from scrivano.books.public import BookComparisons, Books, Covers, Estimating, ProofTexts
from scrivano.books.scoring import Scoring
from scrivano.core import crashpoints, migrate
from scrivano.core.database import Database
from scrivano.core.secrets import Resealing, SecretBox
from scrivano.core.settings import Settings
from scrivano.documents.public import DocumentData, Documents
from scrivano.events.public import EventLog
from scrivano.gatehouse import database_url, secret_box
from scrivano.llm.public import LLMService, RequestData
from scrivano.music.public import Music
from scrivano.notifications.public import Courier, Notifications, Webhooks
from scrivano.packs.public import Packs
from scrivano.posts.public import PostPlace, Posts
from scrivano.projects.public import Bin, Projects
from scrivano.prompts.public import Impacts, Previews, PromptFiles, Prompts, Sandbox
from scrivano.publishing.public import Publishing
from scrivano.references.public import Intake, Library
from scrivano.runs.public import Runs
from scrivano.tasks.places import DocumentPlace, PassagePlace, ReferencePlace
from scrivano.tasks.public import Evaluations, Schedules, Tasks
from scrivano.training.public import Training, TrainingData

if TYPE_CHECKING:
    # Its libraries cost half a second to import, and most installations have no provider.
    from scrivano.accounts.oidc import Oidc


@dataclass(frozen=True)
class Entrance:
    """How people come in: who they are, their links, sessions and proofs. `oidc` is None without a provider."""

    people: People
    links: Links
    sessions: Sessions
    sign_in: SignIn
    audit: Audit
    oidc: "Oidc | None"

    async def close(self) -> None:
        """Send what is to be sent, and end threads."""
        await self.links.close()
        self.sign_in.close()


@dataclass(frozen=True)
class Desk:
    """What people do with prompts beside editing them: look ahead, carry files, set up tasks, evaluate, schedule."""

    sandbox: Sandbox
    previews: Previews
    impacts: Impacts
    files: PromptFiles
    tasks: Tasks
    evaluations: Evaluations
    schedules: Schedules


@dataclass(frozen=True)
class House:
    """Everything a process may use, each thing once."""

    settings: Settings
    url: str
    database: Database
    events: EventLog
    runs: Runs
    documents: Documents
    llm: LLMService
    prompts: Prompts
    packs: Packs
    books: Books
    accounts: Accounts
    music: Music
    entrance: Entrance
    projects: Projects
    bin: Bin
    personal: PersonalRooms
    library: Library
    intake: Intake
    publishing: Publishing
    posts: Posts
    notifications: Notifications
    webhooks: Webhooks
    courier: Courier
    estimating: Estimating
    proof_texts: ProofTexts
    covers: Covers
    contexts: ChapterContexts
    desk: Desk
    assessments: Assessments
    scoring: Scoring
    comparisons: Comparisons
    book_comparisons: BookComparisons
    training: Training

    async def reseal(self) -> Resealing:
        """Encrypt all stored secrets with the newest key of this installation, while everything goes on."""
        resealing = Resealing(secret_box(self.settings))
        for room in (self.llm.registry, self.entrance.sign_in, self.webhooks, self.publishing):
            await room.reseal(resealing)
        return resealing


def font_dirs(settings: Settings) -> list[Path]:
    """Fonts that a person added, such as those for Chinese, Japanese and Korean."""
    folder = settings.home / "fonts"
    return [folder] if folder.is_dir() else []


@asynccontextmanager
async def open_house(settings: Settings) -> AsyncGenerator[House]:
    """The services over a database that is up to date, with starter prompts and shipped packs in it."""
    crashpoints.configure(settings.crash_at)
    async with database_url(settings) as url:
        await migrate.upgrade(url)
        house = build(settings, url)
        try:
            await house.prompts.load_starter()
            await house.packs.load_shipped()
            await house.assessments.load_shipped()
            await house.llm.start()
            yield house
        finally:
            await house.entrance.close()
            await house.desk.sandbox.close()
            await house.llm.stop()
            await house.events.close()
            await house.runs.close()
            await house.database.dispose()


def build(settings: Settings, url: str) -> House:
    """Construct the services; nothing is read or started yet."""
    database = Database(url)
    events = EventLog(database)
    runs = Runs(database, events)
    documents = Documents(database)
    sandbox = Sandbox()
    prompts = Prompts(database, sandbox)

    def box() -> SecretBox:
        return secret_box(settings)

    llm = LLMService(
        database,
        secret_box=box,
        prompts=prompts.source,
        discover_urls=settings.discover_urls,
        private_hosts=settings.private_hosts,
    )
    packs = Packs(database)
    contexts = ChapterContexts(events, llm)
    books = Books(database, runs, packs, documents, llm, contexts)
    accounts = Accounts(database)
    entrance = _entrance(settings, database, box)
    projects = Projects(database, entrance.people, entrance.audit)
    assessments = Assessments(database, llm, prompts)
    training = Training(database, documents)
    notifications = Notifications(database)
    music = Music(
        database,
        runs,
        documents,
        llm,
        trained=settings.home / "music" / "chords.npz",
        sound_fonts=(settings.home / "soundfonts",),
    )
    personal = PersonalRooms(
        database,
        entrance.people,
        entrance.audit,
        [
            projects,
            notifications,
            TrainingData(database),
            music.tastes,
            DocumentData(database),
            RequestData(llm.log, llm.keeping),
        ],
    )
    library = Library(database, events, runs, llm)
    intake = Intake(database, events, llm)
    publishing = Publishing(
        database, secret_box=box, sites=settings.home / "sites", private_hosts=settings.private_hosts
    )
    posts = Posts(database, runs, documents, llm, publishing, prompts)
    webhooks = Webhooks(database, secret_box=box, private_hosts=settings.private_hosts)
    desk = _desk(database, events, runs, llm, prompts, sandbox, documents, books, library, posts)

    scoring = Scoring(database, books, assessments, llm)
    comparisons = Comparisons(database, runs, prompts)

    async def forget_songs(project_id: UUID) -> None:
        while songs := await music.list(project_id=project_id, limit=100):
            for song in songs:
                await music.delete(song.id)

    async def forget_requests(project_id: UUID) -> None:
        await llm.keeping.erase_project(str(project_id))

    # First of all what still works in the project is stopped: it would write into it again.
    rooms = (
        runs.stop_project,
        books.forget_project,
        posts.forget_project,
        forget_songs,
        desk.tasks.forget_project,
        assessments.forget_project,
        training.forget_project,
        publishing.forget_project,
        library.forget_project,
        notifications.forget_project,
        forget_requests,
        accounts.forget_project,
        runs.forget_project,
    )
    return House(
        settings,
        url,
        database,
        events,
        runs,
        documents,
        llm,
        prompts,
        packs,
        books,
        accounts,
        music,
        entrance=entrance,
        projects=projects,
        bin=Bin(database, entrance.audit, rooms, settings.bin_days),
        personal=personal,
        library=library,
        intake=intake,
        assessments=assessments,
        scoring=scoring,
        comparisons=comparisons,
        book_comparisons=BookComparisons(books, scoring, comparisons, ComparedBooks(database), prompts, runs),
        training=training,
        publishing=publishing,
        posts=posts,
        notifications=notifications,
        webhooks=webhooks,
        courier=Courier(database, notifications, webhooks.outbound, secret_box=box),
        estimating=Estimating(llm, prompts),
        proof_texts=ProofTexts(database, documents, library, llm, prompts),
        covers=Covers(database, runs, llm, font_dirs(settings)),
        contexts=contexts,
        desk=desk,
    )


def _desk(
    database: Database,
    events: EventLog,
    runs: Runs,
    llm: LLMService,
    prompts: Prompts,
    sandbox: Sandbox,
    documents: Documents,
    books: Books,
    library: Library,
    posts: Posts,
) -> Desk:
    async def project_of(document_id: str) -> UUID | None:
        owner = await documents.owner(UUID(document_id))
        return (await books.get(UUID(owner.id))).project_id if owner and owner.feature == "books" else None

    previews = Previews(prompts, llm)
    tasks = Tasks(database, runs, prompts, previews)
    chapters = DocumentPlace(documents, project_of)
    for kind in ("document", "chapter"):
        tasks.bind_source(kind, chapters)
        tasks.bind_sink(kind, chapters)
    tasks.bind_sink("passage", PassagePlace(documents, chapters))
    tasks.bind_source("reference", ReferencePlace(library))
    post_place = PostPlace(posts.desk, posts.proposals)
    tasks.bind_source("post", post_place)
    tasks.bind_sink("post", post_place)
    return Desk(
        sandbox,
        previews,
        Impacts(database, prompts, llm),
        PromptFiles(database, sandbox),
        tasks,
        Evaluations(database, runs, prompts, previews, tasks, sandbox),
        Schedules(database, events, tasks),
    )


def _entrance(settings: Settings, database: Database, box: Callable[[], SecretBox]) -> Entrance:
    audit = Audit(database)
    people = People(database, audit)
    sessions = Sessions(database, audit)
    guesses = Guesses(database, audit)
    passwords = Passwords()
    sign_in = SignIn(database, sessions, passwords, guesses, audit, box)
    mail = Mail(settings.smtp_url.get_secret_value(), settings.mail_from) if settings.smtp_url else None
    links = Links(database, people, passwords, guesses, audit, mail, settings.base_url)
    oidc = None
    if settings.oidc_issuer:
        from scrivano.accounts.oidc import Oidc, OidcSettings

        provider = OidcSettings(
            issuer=settings.oidc_issuer,
            client_id=settings.oidc_client_id,
            client_secret=settings.oidc_client_secret.get_secret_value(),
            label=settings.oidc_label,
            new_people=settings.oidc_new_people,
            private_hosts=[part.strip() for part in settings.private_hosts.split(",") if part.strip()],
        )
        oidc = Oidc(
            database,
            provider,
            people,
            sign_in,
            guesses,
            audit,
            lambda: f"{settings.base_url()}/api/oidc/callback",
        )
    return Entrance(people, links, sessions, sign_in, audit, oidc)
