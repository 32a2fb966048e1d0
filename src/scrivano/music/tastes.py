"""What people choose, kept in the database, and what is learnt from it. Everything is found anew from what is kept."""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Any, Literal, NamedTuple
from uuid import UUID

import orjson
from pydantic import BaseModel, Field

from scrivano.core import clock
from scrivano.core.database import Database
from scrivano.core.errors import InvalidInput, NotFound
from scrivano.core.ids import new_id
from scrivano.music import repo_taste as repo
from scrivano.music.dto import Arrangement, ChordSpan, Genre, Mode, Settled
from scrivano.music.expecting import Expecting
from scrivano.music.models import ChoiceRow, ReactionRow
from scrivano.music.preferences.choices import MOST_CHOICES, Action, Choice, Option, Situation, Taste
from scrivano.music.preferences.difficulty import Comfort, Verdict
from scrivano.music.preferences.learner import Learner
from scrivano.music.preferences.shared import FEWEST_PEOPLE, prior_from, shared_weights

NOBODY = UUID(int=0)
"""Stands for the only user of an installation without sign-in."""

USUAL_LEVEL = 3
_MOST_VERDICTS = 500
_REMEMBERED = 32

ReactionKind = Literal["like", "dislike", "keep", "reject", "too-easy", "too-hard"]
_VERDICTS: dict[str, Verdict] = {
    "like": "keep",
    "keep": "keep",
    "dislike": "reject",
    "reject": "reject",
    "too-easy": "too-easy",
    "too-hard": "too-hard",
}


class ChoiceNotFound(NotFound):
    """There is no such choice of yours."""


class ReactionNotFound(NotFound):
    """You said no such thing."""


class LikingView(BaseModel):
    """One thing that was found: what it is about, how strongly (negative: disliked), and what shows it."""

    about: str
    weight: float
    kept: int = Field(description="Choices that speak for it.")
    passed_over: int = Field(description="Choices that speak against it.")
    text: str = Field(description="The same in a sentence.")


class ComfortView(BaseModel):
    """The difficulty that suits the player, 1 to 5, and what it rests on. `learnt`: whether it rests on anything."""

    level: int
    learnt: bool
    kept: int
    rejected: int
    text: str


class PreferencesView(BaseModel):
    """All that was learnt of a person, and from how much. `others` is how many people's likings are known besides;
    they count, once there are enough, where the person has made few choices."""

    shares: bool = Field(description="Whether the likings found help people who are new to this server.")
    choices: int
    reactions: int = Field(description="What was said of bars and of whole songs.")
    songs: int = Field(description="Songs that are still there and that this was learnt from.")
    likings: list[LikingView]
    difficulty: ComfortView
    others: int
    others_count: bool


class ChoiceView(BaseModel):
    """Something a person did with a chord; `song_id` is None where the song is gone."""

    id: UUID
    song_id: UUID | None
    bar: int
    action: Action
    symbol: str
    instead_of: str | None
    key: str
    mode: Mode
    genre: Genre | None
    before: list[str]
    created_at: datetime


class ReactionView(BaseModel):
    """What a person said of a bar, or of the whole (`bar` None)."""

    bar: int | None
    kind: ReactionKind
    created_at: datetime


class SaidView(ReactionView):
    """The same with the song, None where it is gone, and how hard it was to play then (1 to 5)."""

    id: UUID
    song_id: UUID | None
    played: int


class Deed(NamedTuple):
    """Something done with the chord at `place` (from 0) of an arrangement."""

    action: Action
    place: int
    symbol: str
    instead_of: str | None = None


class Tastes:
    """Preferences of people: kept, learnt from at once, explained, exported, forgotten."""

    def __init__(self, database: Database, expecting: Expecting) -> None:
        self._database = database
        self.expecting = expecting
        self._learners: OrderedDict[tuple[UUID, object], Learner] = OrderedDict()

    # --- what was learnt ------------------------------------------------------------------------------------

    async def view(self, person_id: UUID) -> PreferencesView:
        """What was learnt of a person and from what."""
        learner = await self.learner(person_id)
        comfort = await self.comfort(person_id)
        async with self._database.read() as session:
            row = await repo.get_taste(session, person_id)
            count = await repo.count_choices(session, person_id)
            reactions, songs = await repo.count_reactions(session, person_id)
            others = len(await repo.shared_weights(session, person_id))
        return PreferencesView(
            shares=row.shares if row else False,
            choices=count,
            reactions=reactions,
            songs=songs,
            likings=[
                LikingView(
                    about=one.about,
                    weight=round(one.weight, 3),
                    kept=one.kept,
                    passed_over=one.passed_over,
                    text=_sentence(one.about, one.weight, one.kept, one.passed_over),
                )
                for one in learner.likings()
            ],
            difficulty=_comfort_view(comfort, row.level if row else None),
            others=others,
            others_count=others >= FEWEST_PEOPLE,
        )

    async def learner(self, person_id: UUID) -> Learner:
        """A person's likings as of now."""
        taste, prior = await self._known(person_id)
        last = taste.choices[-1].id if taste.choices else None
        key = (person_id, (len(taste.choices), last, _print_of(prior)))
        known = self._learners.get(key)
        if known is None:
            known = await asyncio.to_thread(lambda: Learner(taste, prior_from(prior)))
            self._learners[key] = known
            while len(self._learners) > _REMEMBERED:
                self._learners.popitem(last=False)
        else:
            self._learners.move_to_end(key)
        return known

    async def comfort(self, person_id: UUID) -> Comfort:
        """Which difficulty suits a person, found from all they said of whole songs."""
        async with self._database.read() as session:
            row = await repo.get_taste(session, person_id)
            verdicts = await repo.verdicts_of(session, person_id, limit=_MOST_VERDICTS)
        comfort = Comfort.starting((row.level if row else None) or USUAL_LEVEL)
        for one in verdicts:
            comfort = comfort.after(_VERDICTS[one.kind], one.played)
        return comfort

    async def level(self, person_id: UUID) -> int | None:
        """The difficulty to take for a person who asks for none; None where nothing is known of them."""
        async with self._database.read() as session:
            row = await repo.get_taste(session, person_id)
        comfort = await self.comfort(person_id)
        chosen = row is not None and row.level is not None
        return comfort.level if chosen or comfort.kept + comfort.rejected else None

    async def _known(self, person_id: UUID) -> tuple[Taste, list[list[float]]]:
        async with self._database.read() as session:
            row = await repo.get_taste(session, person_id)
            rows = await repo.choices_of(session, person_id, limit=MOST_CHOICES)
            others = [list(weights) for weights in await repo.shared_weights(session, person_id)]
        choices = tuple(_choice(one) for one in rows)
        return Taste(shares=row.shares if row else False, choices=choices), others

    # --- what people do -------------------------------------------------------------------------------------

    async def note(
        self, person_id: UUID, song_id: UUID, arrangement: Arrangement, deeds: Sequence[Deed]
    ) -> None:
        """Keep what somebody did with chords of an arrangement, as it was when they did it."""
        if not deeds:
            return
        rows = await asyncio.to_thread(self._rows, person_id, song_id, arrangement, deeds)
        async with self._database.begin() as session:
            await repo.add_choices(session, rows)
            await repo.forget_older(session, person_id, MOST_CHOICES)
        await self._share(person_id)

    async def react(
        self, person_id: UUID, song_id: UUID, arrangement: Arrangement, bar: int | None, kind: ReactionKind
    ) -> list[ReactionView]:
        """Keep what somebody says of a bar or of the whole song, in place of what they said before.

        Of a bar, its chords count as kept or rejected. Of the whole, the difficulty counts. Raises InvalidInput.
        """
        _check_bar(bar, arrangement)
        verdict = _VERDICTS[kind]
        if bar is not None and verdict not in ("keep", "reject"):
            raise InvalidInput(
                f"“{kind}” is said of a whole song, not of a bar.",
                field="kind",
                remedy="Say like, dislike, keep or reject, or leave the bar out.",
            )
        values = {
            "id": new_id(),
            "song_id": song_id,
            "person_id": person_id,
            "bar": bar or 0,
            "kind": kind,
            "played": arrangement.request.difficulty,
            "created_at": clock.now(),
        }
        spans = _in_bar(arrangement, bar)
        action: Action = "keep" if verdict == "keep" else "reject"
        deeds = [Deed(action, index, span.symbol) for index, span in spans]
        rows = await asyncio.to_thread(self._rows, person_id, song_id, arrangement, deeds)
        async with self._database.begin() as session:
            await repo.put_reaction(session, values)
            if bar is not None:
                symbols = [span.symbol for _, span in spans]
                await repo.drop_choices(session, person_id, song_id, [bar], ("keep", "reject"), symbols)
                await repo.add_choices(session, rows)
                await repo.forget_older(session, person_id, MOST_CHOICES)
        await self._share(person_id)
        return await self.reactions(person_id, song_id)

    async def take_back(
        self, person_id: UUID, song_id: UUID, arrangement: Arrangement, bar: int | None
    ) -> list[ReactionView]:
        """As if nothing had been said of the bar (or the whole) as it stands now."""
        _check_bar(bar, arrangement)
        symbols = [span.symbol for _, span in _in_bar(arrangement, bar)]
        async with self._database.begin() as session:
            await repo.drop_reaction(session, person_id, song_id, bar or 0)
            if bar is not None:
                await repo.drop_choices(session, person_id, song_id, [bar], ("keep", "reject"), symbols)
        await self._share(person_id)
        return await self.reactions(person_id, song_id)

    async def unlocked(self, person_id: UUID, song_id: UUID, bars: Sequence[int]) -> None:
        """As if these bars had not been locked."""
        async with self._database.begin() as session:
            await repo.drop_choices(session, person_id, song_id, list(bars), ("lock",), None)
        await self._share(person_id)

    async def reactions(self, person_id: UUID, song_id: UUID) -> list[ReactionView]:
        """What a person said of a song: of the whole first, then bar by bar."""
        async with self._database.read() as session:
            rows = await repo.reactions_to(session, person_id, song_id)
        return [_reaction(row) for row in rows]

    def _rows(
        self, person_id: UUID, song_id: UUID, arrangement: Arrangement, deeds: Sequence[Deed]
    ) -> list[ChoiceRow]:
        settled, progression = arrangement.request, arrangement.progression
        found: list[ChoiceRow] = []
        for deed in deeds:
            span = progression.chords[deed.place]
            if deed.symbol == "N.C." or deed.instead_of == "N.C.":
                continue
            offer = self.expecting.at(progression, deed.place, settled.genre, settled.application)
            choice = Choice(
                id="new",
                action=deed.action,
                symbol=deed.symbol,
                situation=offer.situation,
                options=offer.options,
                instead_of=deed.instead_of,
            )
            whole = Taste().having(choice).choices[0]
            found.append(
                ChoiceRow(
                    id=new_id(),
                    person_id=person_id,
                    song_id=song_id,
                    bar=span.bar,
                    action=deed.action,
                    symbol=deed.symbol,
                    instead_of=deed.instead_of,
                    situation=whole.situation.model_dump(mode="json"),
                    options=[option.model_dump(mode="json") for option in whole.options],
                    created_at=clock.now(),
                )
            )
        return found

    # --- consent, export, forgetting ------------------------------------------------------------------------

    async def change(
        self, person_id: UUID, *, shares: bool | None = None, level: int | None = None
    ) -> PreferencesView:
        """Give or withdraw consent to help others; begin anew from a difficulty. What is None stays."""
        values: dict[str, Any] = {"updated_at": clock.now()}
        if shares is not None:
            values |= {"shares": shares, "weights": None}
        if level is not None:
            values["level"] = level
        async with self._database.begin() as session:
            await repo.put_taste(session, person_id, values)
        await self._share(person_id)
        return await self.view(person_id)

    async def choices(self, person_id: UUID, *, limit: int = 100, offset: int = 0) -> list[ChoiceView]:
        """What was learnt from, newest first."""
        async with self._database.read() as session:
            rows = await repo.choices_of(session, person_id, limit=limit + offset)
        newest = list(reversed(rows))[offset : offset + limit]
        return [_choice_view(row) for row in newest]

    async def forget_choice(self, person_id: UUID, choice_id: UUID) -> None:
        """As if the choice had never been made. Raises ChoiceNotFound."""
        async with self._database.begin() as session:
            if not await repo.drop_choice(session, person_id, choice_id):
                raise ChoiceNotFound(f"There is no choice {choice_id} of yours.", field="choice_id")
        await self._share(person_id)

    async def said(self, person_id: UUID, *, limit: int = 100, offset: int = 0) -> list[SaidView]:
        """What a person said of any song, newest first."""
        async with self._database.read() as session:
            rows = await repo.all_reactions(session, person_id)
        newest = list(reversed(rows))[offset : offset + limit]
        return [
            SaidView(**_reaction(row).model_dump(), id=row.id, song_id=row.song_id, played=row.played)
            for row in newest
        ]

    async def forget_reaction(self, person_id: UUID, reaction_id: UUID) -> None:
        """As if this had never been said, of a song that is gone too. Raises ReactionNotFound."""
        async with self._database.begin() as session:
            row = await repo.drop_said(session, person_id, reaction_id)
            if row is None:
                raise ReactionNotFound(f"You said nothing of the id {reaction_id}.", field="reaction_id")
            if row.bar and row.song_id is not None:
                await repo.drop_choices(session, person_id, row.song_id, [row.bar], ("keep", "reject"), None)
        await self._share(person_id)

    async def forget(self, person_id: UUID) -> None:
        """Forget all choices, reactions and what was learnt, also what others had of it."""
        async with self._database.begin() as session:
            await repo.forget_person(session, person_id)
        for key in [key for key in self._learners if key[0] == person_id]:
            del self._learners[key]

    async def all_of(self, person_id: UUID) -> dict[str, Any]:
        """Everything that is kept of a person's taste, as plain JSON values."""
        taste, _ = await self._known(person_id)
        async with self._database.read() as session:
            row = await repo.get_taste(session, person_id)
            said = await repo.all_reactions(session, person_id)
        return {
            **taste.export(),
            "level": row.level if row else None,
            "weights_given_to_others": row.weights if row else None,
            "reactions": [
                {"song_id": str(r.song_id) if r.song_id else None, **_reaction(r).model_dump(mode="json")}
                for r in said
            ],
            "learnt": (await self.view(person_id)).model_dump(mode="json"),
        }

    @property
    def name(self) -> str:
        """The folder in the archive of what is kept of a person."""
        return "music"

    async def export(self, person_id: UUID) -> AsyncIterator[tuple[str, bytes]]:
        """What is kept of one person's taste, as one JSON file."""
        yield "preferences.json", orjson.dumps(await self.all_of(person_id), option=orjson.OPT_INDENT_2)

    async def erase(self, person_id: UUID) -> None:
        """Forget a person."""
        await self.forget(person_id)

    async def _share(self, person_id: UUID) -> None:
        """Give the others what they may have: the likings of who consents, of nobody else."""
        taste, _ = await self._known(person_id)
        if not taste.shares:
            return
        weights = await asyncio.to_thread(shared_weights, taste)
        given = None if weights is None else [float(weight) for weight in weights]
        async with self._database.begin() as session:
            row = await repo.get_taste(session, person_id)
            if row is not None and row.shares:
                row.weights = given


def asked_level(settled: Settled, given: int | None) -> bool:
    """Whether a difficulty was asked for, in the field or in words."""
    return given is not None or "difficulty" in settled.read


def _in_bar(arrangement: Arrangement, bar: int | None) -> list[tuple[int, ChordSpan]]:
    if bar is None:
        return []
    return [(at, span) for at, span in enumerate(arrangement.progression.chords) if span.bar == bar]


def _check_bar(bar: int | None, arrangement: Arrangement) -> None:
    bars = arrangement.progression.bars
    if bar is not None and not 1 <= bar <= bars:
        raise InvalidInput(
            f"There is no bar {bar} in a piece of {bars} bars.",
            field="bar",
            remedy=f"Give a bar from 1 to {bars}, or none for the whole.",
        )


def _print_of(prior: Sequence[Sequence[float]]) -> int:
    return hash(tuple(sum(weights) for weights in prior))


def _choice(row: ChoiceRow) -> Choice:
    return Choice(
        id=str(row.id),
        action=row.action,  # type: ignore[arg-type] - only such are kept
        symbol=row.symbol,
        situation=Situation.model_validate(row.situation),
        options=tuple(Option.model_validate(option) for option in row.options),
        instead_of=row.instead_of,
    )


def _choice_view(row: ChoiceRow) -> ChoiceView:
    where = Situation.model_validate(row.situation)
    return ChoiceView(
        id=row.id,
        song_id=row.song_id,
        bar=row.bar,
        action=row.action,  # type: ignore[arg-type] - only such are kept
        symbol=row.symbol,
        instead_of=row.instead_of,
        key=where.key,
        mode=where.mode,
        genre=where.genre,
        before=list(where.before),
        created_at=row.created_at,
    )


def _reaction(row: ReactionRow) -> ReactionView:
    kind: Any = row.kind
    return ReactionView(bar=row.bar or None, kind=kind, created_at=row.created_at)


def _comfort_view(comfort: Comfort, chosen: int | None) -> ComfortView:
    learnt = comfort.kept + comfort.rejected > 0
    text = comfort.why()
    if not learnt and chosen is not None:
        text = f"Level {comfort.level}, as you said."
    return ComfortView(
        level=comfort.level, learnt=learnt, kept=comfort.kept, rejected=comfort.rejected, text=text
    )


def _sentence(about: str, weight: float, kept: int, passed: int) -> str:
    tends = "You tend to keep" if weight > 0 else "You tend to pass over"
    return f"{tends} {about}: {kept} of your choices speak for it, {passed} against."
