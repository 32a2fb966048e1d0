"""How a song is made: the request is settled, chords come from a model or from the rules, two hands play them,
the files are written. It never ends without a valid arrangement.
"""

from scrivano.music.stages import MusicOrder, MusicResult
from scrivano.music.steps.composing import Composing
from scrivano.runs.public import PipelineBase, run_class, workflow


@run_class
class MusicPipeline(PipelineBase):
    """Request, progression, arrangement, files."""

    def __init__(self, composing: Composing) -> None:
        self._composing = composing
        super().__init__()

    @workflow(name="write_music")
    async def write_music(self, order: MusicOrder) -> MusicResult:
        """A request in words becomes an arrangement with its files."""
        plan = await self._composing.plan_music(order)
        harmony = await self._composing.write_progression(plan)
        arrangement = await self._composing.arrange_song(plan, harmony)
        return await self._composing.engrave_song(plan, harmony, arrangement)
