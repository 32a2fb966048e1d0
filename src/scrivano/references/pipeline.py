"""How an uploaded file becomes passages: read, then made findable by meaning, by a model or without."""

from scrivano.references.dto import ReferenceOrder, ReferenceRead, ReferenceView
from scrivano.references.intake import Intake
from scrivano.references.service import PIPELINE
from scrivano.runs.public import PipelineBase, run_class, step, workflow


@run_class
class ReferencePipeline(PipelineBase):
    """Conversion, then vectors."""

    def __init__(self, intake: Intake) -> None:
        self._intake = intake
        super().__init__()

    @workflow(name=PIPELINE)
    async def read_reference(self, order: ReferenceOrder) -> ReferenceRead:
        """A file that cannot be read is told as such; the run itself succeeds, as nothing is left to do."""
        read = await self.convert_reference(order)
        return await self.embed_passages(order) if read.status == "ready" else read

    @step(preemptible=True)
    async def convert_reference(self, order: ReferenceOrder) -> ReferenceRead:
        """The file as Markdown with passages, or the reason why not."""
        return _read(await self._intake.convert(order.reference_id))

    @step(preemptible=True)
    async def embed_passages(self, order: ReferenceOrder) -> ReferenceRead:
        """Vectors of the passages: by a local model, or the built-in ones where there is none."""
        return _read(await self._intake.embed(order.reference_id))


def _read(view: ReferenceView) -> ReferenceRead:
    return ReferenceRead(
        reference_id=view.id,
        name=view.name,
        status=view.status,
        problem=view.problem.reason if view.problem else "",
        passages=view.passages,
        vectors_by=view.embedding_model,
    )
