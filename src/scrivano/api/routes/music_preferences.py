"""What people like: reactions to songs, what is learnt from them, and chords in the order of a person's taste."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from scrivano.api.access import PROJECT, SIGNED_IN, CurrentCaller
from scrivano.api.dependencies import Limit, Offset, Services
from scrivano.api.values import Line
from scrivano.music.public import (
    NOBODY,
    ChoiceView,
    Genre,
    NextChord,
    PreferencesView,
    ReactionKind,
    ReactionView,
    SaidView,
)

router = APIRouter(prefix="/api/music", tags=["music"], dependencies=SIGNED_IN)
reactions = APIRouter(
    prefix="/api/music/arrangements/{song_id}/reactions", tags=["music"], dependencies=PROJECT
)

Bar = Annotated[int | None, Query(ge=1, le=64, description="Of this bar; without it, of the whole song.")]


class Reaction(BaseModel):
    """What you say of a bar (`like`, `dislike`, `keep`, `reject`), or without one of the whole song (also `too-easy`,
    `too-hard`)."""

    model_config = ConfigDict(extra="forbid")

    kind: ReactionKind
    bar: int | None = Field(default=None, ge=1, le=64)


class PreferencesChange(BaseModel):
    """What is None stays."""

    model_config = ConfigDict(extra="forbid")

    shares: bool | None = Field(
        default=None, description="Whether the likings found may help people who are new to this server."
    )
    level: int | None = Field(default=None, ge=1, le=5, description="The difficulty to begin with.")


class ChordsSoFar(BaseModel):
    """Chords that stand already, the last ones last."""

    model_config = ConfigDict(extra="forbid")

    chords: list[Annotated[Line, Field(max_length=40)]] = Field(
        default_factory=list[str], max_length=512, examples=[["Dm7", "G7"]]
    )
    key: Line = Field(default="C", max_length=40, description="The tonic, such as Eb.")
    mode: Literal["major", "minor"] = "major"
    genre: Genre | None = None
    limit: int = Field(default=8, ge=1, le=24)


@router.post("/next-chords")
async def next_chords(house: Services, caller: CurrentCaller, asked: ChordsSoFar) -> list[NextChord]:
    """What may come next, likeliest for you first: what songs of the genre do, and what you choose."""
    return await house.music.next_chords(
        asked.chords,
        key=asked.key,
        mode=asked.mode,
        genre=asked.genre,
        limit=asked.limit,
        person_id=caller.person_id,
    )


@router.get("/preferences")
async def get_preferences(house: Services, caller: CurrentCaller) -> PreferencesView:
    """What was learnt of you, and from what: likings with the choices that show them, and the difficulty that suits."""
    return await house.music.tastes.view(caller.person_id or NOBODY)


@router.patch("/preferences")
async def change_preferences(
    house: Services, caller: CurrentCaller, change: PreferencesChange
) -> PreferencesView:
    """Give or withdraw consent to help others, or say which difficulty to begin with."""
    return await house.music.tastes.change(
        caller.person_id or NOBODY, shares=change.shares, level=change.level
    )


@router.delete("/preferences", status_code=204)
async def forget_preferences(house: Services, caller: CurrentCaller) -> None:
    """Forget every choice and reaction of yours, and what was learnt from them."""
    await house.music.tastes.forget(caller.person_id or NOBODY)


@router.get(
    "/preferences/export",
    response_class=Response,
    responses={200: {"content": {"application/json": {}}, "description": "Everything that is kept."}},
)
async def export_preferences(house: Services, caller: CurrentCaller) -> Any:
    """Everything that is kept of your taste, as a JSON file."""
    async for name, content in house.music.tastes.export(caller.person_id or NOBODY):
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return Response(content, media_type="application/json", headers=headers)


@router.get("/preferences/choices")
async def list_choices(
    house: Services, caller: CurrentCaller, limit: Limit = 100, offset: Offset = 0
) -> list[ChoiceView]:
    """What was learnt from, newest first."""
    return await house.music.tastes.choices(caller.person_id or NOBODY, limit=limit, offset=offset)


@router.delete("/preferences/choices/{choice_id}", status_code=204)
async def forget_choice(house: Services, caller: CurrentCaller, choice_id: UUID) -> None:
    """As if this choice of yours had never been made."""
    await house.music.tastes.forget_choice(caller.person_id or NOBODY, choice_id)


@router.get("/preferences/reactions")
async def list_said(
    house: Services, caller: CurrentCaller, limit: Limit = 100, offset: Offset = 0
) -> list[SaidView]:
    """What you said of bars and of whole songs, newest first."""
    return await house.music.tastes.said(caller.person_id or NOBODY, limit=limit, offset=offset)


@router.delete("/preferences/reactions/{reaction_id}", status_code=204)
async def forget_reaction(house: Services, caller: CurrentCaller, reaction_id: UUID) -> None:
    """As if you had never said this, whether the song is still there or not."""
    await house.music.tastes.forget_reaction(caller.person_id or NOBODY, reaction_id)


@reactions.get("")
async def list_reactions(house: Services, caller: CurrentCaller, song_id: UUID) -> list[ReactionView]:
    """What you said of this song: of the whole first, then bar by bar."""
    await house.music.get(song_id)
    return await house.music.tastes.reactions(caller.person_id or NOBODY, song_id)


@reactions.post("")
async def react(
    house: Services, caller: CurrentCaller, song_id: UUID, reaction: Reaction
) -> list[ReactionView]:
    """Say what you think of a bar or of the whole song, in place of what you said before. It counts at once: a bar's
    chords for what is suggested, the whole for the difficulty."""
    return await house.music.react(song_id, reaction.bar, reaction.kind, person_id=caller.person_id)


@reactions.delete("")
async def take_back(
    house: Services, caller: CurrentCaller, song_id: UUID, bar: Bar = None
) -> list[ReactionView]:
    """As if you had said nothing of this bar, or of the whole."""
    return await house.music.take_back(song_id, bar, person_id=caller.person_id)
