"""A worker process: the pipelines it can carry out, constructed over the services of `wiring`."""

from scrivano.assessment.public import ComparisonPipeline
from scrivano.books.pipeline import BookPipeline
from scrivano.books.revision import RevisionPipeline
from scrivano.books.steps.asking import Asking
from scrivano.books.steps.assessing import Assessing
from scrivano.books.steps.binding import Binding
from scrivano.books.steps.checking import Checking
from scrivano.books.steps.composing import Composing
from scrivano.books.steps.material import Material
from scrivano.books.steps.painting import Painting
from scrivano.books.steps.planning import Planning
from scrivano.books.steps.proofreading import Proofreading
from scrivano.books.steps.revising import Revising
from scrivano.books.steps.shelf import Shelf
from scrivano.books.steps.writing import Writing
from scrivano.music.pipeline import MusicPipeline
from scrivano.music.steps.composing import Composing as SongComposing
from scrivano.posts.pipeline import PostPipeline
from scrivano.posts.steps.asking import Asking as PostAsking
from scrivano.posts.steps.editing import Editing as PostEditing
from scrivano.posts.steps.moving import Moving as PostMoving
from scrivano.posts.steps.placing import Placing as PostPlacing
from scrivano.posts.steps.planning import Planning as PostPlanning
from scrivano.posts.steps.researching import Researching as PostResearching
from scrivano.posts.steps.writing import Writing as PostWriting
from scrivano.references.pipeline import ReferencePipeline
from scrivano.runs.public import PipelineBase, Worker
from scrivano.tasks.carrying import Carrying
from scrivano.tasks.grading import Grading
from scrivano.tasks.pipeline import TaskPipeline
from scrivano.tasks.scoring import Evaluating
from scrivano.wiring import House, font_dirs


def pipelines(house: House) -> list[PipelineBase]:
    """What a worker can run. Made once a process, before the worker is launched."""
    asking = Asking(house.database, house.llm, house.prompts)
    planning = Planning(house.database, house.llm, house.prompts, house.packs, asking)
    shelf = Shelf(house.database, house.documents, house.llm, house.prompts, house.packs)
    binding = Binding(house.database, house.documents, house.llm, shelf, font_dirs(house.settings))
    material = Material(house.llm, house.prompts, house.events, asking, house.library)
    writing = Writing(house.packs, asking, material)
    painting = Painting(house.database, house.llm, house.prompts, house.covers)
    revising = Revising(house.database, house.llm, house.prompts, house.documents, asking, material)
    checking = Checking(asking)
    proofreading = Proofreading(
        house.database, house.llm, house.prompts, house.documents, house.proof_texts, checking
    )
    return [
        BookPipeline(
            planning,
            writing,
            checking,
            Assessing(house.database, asking, house.assessments, house.llm),
            Composing(house.packs, asking, planning, binding),
            binding,
        ),
        RevisionPipeline(revising, writing, binding, painting, proofreading),
        MusicPipeline(
            SongComposing(house.database, house.llm, house.prompts, house.documents, house.music.tastes)
        ),
        ReferencePipeline(house.intake),
        ComparisonPipeline(house.database, house.llm, house.prompts, house.assessments),
        _post_pipeline(house),
        _task_pipeline(house),
    ]


def _task_pipeline(house: House) -> TaskPipeline:
    tasks = house.desk.tasks
    grading = Grading(house.llm, house.prompts, house.desk.sandbox)
    return TaskPipeline(
        Carrying(house.database, house.events, house.llm, house.prompts, tasks),
        Evaluating(house.database, tasks, grading),
    )


def _post_pipeline(house: House) -> PostPipeline:
    desk, proposals = house.posts.desk, house.posts.proposals
    asking = PostAsking(house.llm, house.prompts)
    return PostPipeline(
        PostPlanning(house.database, desk, house.llm, house.prompts),
        PostResearching(house.database, desk, proposals, house.llm),
        PostWriting(desk, proposals, asking),
        PostEditing(desk, proposals, asking),
        PostMoving(desk, proposals),
        PostPlacing(desk, house.posts.showing, house.publishing),
    )


def worker(house: House) -> Worker:
    """A worker for this process."""
    return Worker(house.url, house.database, house.events)
