"""The four steps of a song."""

import asyncio
import time

from pydantic import TypeAdapter

from scrivano.core import clock
from scrivano.core.database import Database
from scrivano.core.errors import NotFound
from scrivano.documents.public import Author, Documents, Owner
from scrivano.llm.public import CallContext, Complexity, LLMError, LLMService, Options
from scrivano.music import repo
from scrivano.music.arrange import arrange
from scrivano.music.choosing import choose
from scrivano.music.dto import Arrangement, Settled
from scrivano.music.files import write_chart, write_files
from scrivano.music.genres import genre_data
from scrivano.music.material import Material, melody_of, progression_of
from scrivano.music.progression import ModelReply, repair
from scrivano.music.shelf import file_rows
from scrivano.music.stages import RULES, Harmony, MusicOrder, MusicPlan, MusicResult
from scrivano.music.tastes import NOBODY, Tastes
from scrivano.prompts.public import Prompts
from scrivano.runs.public import current, step

PROMPT = "write_progression"
# After the tier that suits come the others: local ones before the cloud, which costs money.
TIERS = {
    "small-local": ("small-local", "large-local", "cloud"),
    "large-local": ("large-local", "small-local", "cloud"),
    "cloud": ("cloud", "large-local", "small-local"),
}


class Composing:
    """Asks a model for chords where one is in reach, and has the rules for everything else."""

    def __init__(
        self, database: Database, llm: LLMService, prompts: Prompts, documents: Documents, tastes: Tastes
    ) -> None:
        self._database = database
        self._llm = llm
        self._prompts = prompts
        self._documents = documents
        self._tastes = tastes

    @step()
    async def plan_music(self, order: MusicOrder) -> MusicPlan:
        """Read the order, and choose the chain of models by how demanding it is. Raises NotFound."""
        async with self._database.read() as session:
            row = await repo.get_song(session, order.song_id)
        if row is None:
            raise NotFound(f"There is no song {order.song_id}.")
        complexity = TypeAdapter(Complexity).validate_python(row.complexity)
        use = row.material["use"] if row.material else None
        chain = {} if use else await self._chain(order.model, complexity.tier)
        pinned = await self._prompts.pin([PROMPT]) if chain else {}
        return MusicPlan(
            song_id=order.song_id,
            title=row.title,
            settled=Settled.model_validate(row.settled),
            complexity=complexity,
            models=list(chain),
            tiers=chain,
            prompt=pinned.get(PROMPT, ""),
            use=use,
            project_id=row.project_id,
            user_id=row.user_id,
            personal=row.personal,
            wanted=order.model,
        )

    async def _chain(self, wanted: str | None, tier: str) -> dict[str, str]:
        if wanted == RULES:
            return {}
        await self._llm.registry.discover()
        order = TIERS[tier]
        models = [m for m in await self._llm.reachable_models() if "chat" in m.capabilities]
        if wanted is not None:
            return {m.name: m.tier for m in models if wanted in (m.name, f"{m.provider}/{m.name}")}
        return {m.name: m.tier for m in sorted(models, key=lambda m: order.index(m.tier))}

    @step()
    async def write_progression(self, plan: MusicPlan) -> Harmony:
        """Chords by a model, mended where they break a rule; by the rules alone where no model answers; a person's
        own, or for a person's melody, where there is such."""
        if plan.use is not None:
            return await self._of_material(plan)
        if not plan.models:
            return await self._by_rules(plan, _without_model(plan))
        try:
            return await self._by_model(plan)
        except LLMError as error:
            return await self._by_rules(plan, [f"No model gave a progression: {error.message}"])

    async def _of_material(self, plan: MusicPlan) -> Harmony:
        material = await self._material(plan)
        if material is None:
            raise NotFound(f"There is no song {plan.song_id} with a lead sheet.")
        made = await asyncio.to_thread(progression_of, material, plan.settled)
        notes = list(made.changes)
        if plan.use == "melody":
            freed = plan.settled.bars - len(made.kept)
            if freed:
                notes.append(f"{freed} bars got chords by the rules of the genre rather than by the melody.")
        method = RULES if plan.use == "melody" else "lead sheet"
        return Harmony(progression=made.progression, generation_method=method, made_by=RULES, notes=notes)

    async def _material(self, plan: MusicPlan) -> Material | None:
        if plan.use is None:
            return None
        async with self._database.read() as session:
            row = await repo.get_song(session, plan.song_id)
        return Material.model_validate(row.material) if row is not None and row.material else None

    async def _by_model(self, plan: MusicPlan) -> Harmony:
        prompt = await self._prompts.render(PROMPT, _variables(plan.settled), version_id=plan.prompt)
        settings = {key: value for key, value in prompt.settings.items() if value is not None}
        run_id = current().run_id
        answer = await self._llm.generate_structured_response(
            prompt.messages,
            response_model=ModelReply,
            options=Options.model_validate(settings),
            context=CallContext(
                feature="music",
                purpose=PROMPT,
                run_id=run_id,
                key=f"{run_id}/{PROMPT}//0",
                project_id=str(plan.project_id),
                user_id=str(plan.user_id) if plan.user_id else None,
                prompt_name=prompt.name,
                prompt_version=prompt.version_id,
                chain=tuple(plan.models),
                labels={"genre": plan.settled.genre.value, "song": str(plan.song_id)},
            ),
        )
        mended = await asyncio.to_thread(repair, answer.value, plan.settled)
        model = answer.response.model
        method = mended.method(model)
        return Harmony(
            progression=mended.progression,
            generation_method=method,
            made_by=RULES if method == RULES else plan.tiers.get(model, RULES),
            notes=list(mended.changes),
        )

    async def _by_rules(self, plan: MusicPlan, notes: list[str]) -> Harmony:
        learner = await self._tastes.learner(plan.user_id or NOBODY) if plan.personal else None
        progression, told = await asyncio.to_thread(choose, plan.settled, learner, self._tastes.expecting)
        return Harmony(progression=progression, generation_method=RULES, made_by=RULES, notes=[*notes, *told])

    @step()
    async def arrange_song(self, plan: MusicPlan, harmony: Harmony) -> Arrangement:
        """Voicings for two hands, rhythm, bass and drums."""
        material = await self._material(plan)
        made = await asyncio.to_thread(
            lambda: arrange(harmony.progression, plan.settled, melody=melody_of(material))
        )
        return made.model_copy(update={"title": plan.title, "generation_method": harmony.generation_method})

    @step()
    async def engrave_song(self, plan: MusicPlan, harmony: Harmony, arrangement: Arrangement) -> MusicResult:
        """Write every file, and keep the arrangement as a version of the song."""
        begun = time.perf_counter()
        files = await asyncio.to_thread(write_files, arrangement)
        first = await keep_song(self._database, self._documents, plan, arrangement, harmony, files)
        if first and harmony.made_by == RULES:
            context = CallContext(
                feature="music",
                purpose=PROMPT,
                project_id=str(plan.project_id),
                user_id=str(plan.user_id) if plan.user_id else None,
                labels={"genre": plan.settled.genre.value},
            )
            await self._llm.statistics.note_rules(context, time.perf_counter() - begun)
        return MusicResult(
            song_id=plan.song_id,
            title=plan.title,
            generation_method=harmony.generation_method,
            chords=write_chart(arrangement),
            files=sorted(files),
            notes=harmony.notes,
        )


def _without_model(plan: MusicPlan) -> list[str]:
    """Why no model was asked, where one might have been expected."""
    if plan.wanted == RULES:
        return []
    if plan.wanted is not None:
        return [f"The model {plan.wanted} is not in reach; the rules chose the chords."]
    return ["No model is in reach; the rules chose the chords."]


async def keep_song(
    database: Database,
    documents: Documents,
    plan: MusicPlan,
    arrangement: Arrangement,
    harmony: Harmony,
    files: dict[str, bytes],
) -> bool:
    """Store an arrangement as the song's newest version, with the files made of it; whether it is the song's first.

    Where a person went on from it already (a step is repeated after a crash), theirs stays.
    """
    version = await documents.put(
        plan.song_id,
        kind="song",
        title=arrangement.title,
        text=arrangement.model_dump_json(),
        author=Author(kind="run", id=current().run_id),
        owner=Owner(feature="music", id=str(plan.song_id)),
    )
    if version.author.kind == "person":
        return False
    rows = file_rows(plan.song_id, files)
    now = clock.now()
    values = {
        "arrangement": arrangement.model_dump(mode="json"),
        "generation_method": arrangement.generation_method,
        "made_by": harmony.made_by,
        "finished_at": now,
    }
    async with database.begin() as session:
        row = await repo.get_song(session, plan.song_id)
        if row is None:
            raise NotFound(f"The song {plan.song_id} was deleted meanwhile.")
        told = list(dict.fromkeys([*row.notes, *harmony.notes]))
        await repo.put_files(session, plan.song_id, rows)
        await repo.finish_song(session, plan.song_id, {**values, "notes": told})
        return await repo.note_made(session, plan.song_id, row.genre, harmony.made_by, now)


def _variables(settled: Settled) -> dict[str, object]:
    data = genre_data(settled.genre)
    application = data.application(settled.application)
    return {
        "genre": data.title,
        "application": application.title,
        "key": f"{settled.key} {settled.mode}",
        "meter": settled.meter,
        "tempo": round(settled.tempo),
        "bars": settled.bars,
        "difficulty": settled.difficulty,
        "form": settled.form or "",
        "description": settled.description,
    }
