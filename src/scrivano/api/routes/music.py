"""Music: what is there, what a request means, songs, their files, their sound, and changing them."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field, model_validator

from scrivano.api.access import ADMINISTRATOR, PROJECT, CurrentCaller, require
from scrivano.api.dependencies import Limit, Offset, Services
from scrivano.api.idempotency import Once
from scrivano.api.routes import music_changes, music_preferences
from scrivano.api.values import MOST, Line, Number, json_without_nul
from scrivano.music.public import (
    Analysis,
    BrokenRule,
    Genre,
    GenreView,
    Material,
    MusicRequest,
    MusicStatistics,
    Roll,
    SongDiff,
    SongFile,
    SongVersion,
    SongVersionView,
    SongView,
    Understanding,
    Use,
    analyse,
    decoded,
    genres,
    read_request,
    take,
)
from scrivano.projects.public import DEFAULT_PROJECT

songs = APIRouter(prefix="/api/music", tags=["music"], dependencies=PROJECT)

MOST_TEXT = 5_000_000
_SOUND: dict[int | str, dict[str, Any]] = {
    200: {"content": {"audio/ogg": {}, "audio/wav": {}}, "description": "The sound."}
}


_NUMBERS = ("tempo", "bars", "difficulty", "lowest", "highest", "seed")


class MusicWish(MusicRequest):
    """What is wanted. What is left out is read from the description, else the genre's default holds."""

    @model_validator(mode="before")
    @classmethod
    def _read(cls, value: Any) -> Any:
        """Errors name the field as a person wrote it, and what is allowed."""
        if not isinstance(value, dict):
            return value
        given: dict[str, Any] = json_without_nul(value)
        for name in _NUMBERS:
            if isinstance(given.get(name), str | bool):
                given = {**given, name: f"{given[name]} as text"}
        return read_request(given).model_dump(exclude_unset=True)


LeadSheetText = Annotated[
    str | None,
    Field(
        max_length=MOST_TEXT,
        description="MusicXML, an iReal Pro link, a chord chart such as `| Dm7 G7 | Cmaj7 |`, or ChordPro.",
        examples=["| Dm7 | G7 | Cmaj7 | % |"],
    ),
]
LeadSheetFile = Annotated[
    str | None,
    Field(max_length=MOST_TEXT * 2, description="The same as a file in base64, such as compressed MusicXML."),
]


class SongRequest(BaseModel):
    """What is wanted, and how it may be made. With a lead sheet, what `request` leaves open is the sheet's."""

    model_config = ConfigDict(extra="forbid")

    request: MusicWish = Field(
        default_factory=MusicWish,
        examples=[{"description": "a slow gospel ballad in Bb", "bars": 16, "form": "AABA"}],
    )
    title: Line | None = None
    model: Line | None = Field(default=None, description="One model by name, or `rules` for none.")
    project_id: UUID = DEFAULT_PROJECT
    personal: bool = Field(default=True, description="Whether what you kept and rejected before may count.")
    lead_sheet: LeadSheetText = None
    lead_sheet_file: LeadSheetFile = None
    use: Use = Field(
        default="auto",
        description="Arrange the sheet's `chords`, or harmonize its `melody`; `auto`: its chords where it has any.",
    )
    tune: int = Field(default=1, ge=1, le=1000, description="Which tune of an iReal Pro link, from 1.")


class LeadSheetRequest(BaseModel):
    """A lead sheet to be read."""

    model_config = ConfigDict(extra="forbid")

    lead_sheet: LeadSheetText = None
    lead_sheet_file: LeadSheetFile = None
    genre: Genre | None = Field(
        default=None, description="Whose moves are at home, such as a blues' dominants."
    )


class Sound(BaseModel):
    """Whether songs can be heard here; `sound_font` is the one that is used, `remedy` what is missing."""

    available: bool
    sound_font: str | None
    remedy: str | None


# --- what there is, and what is meant -------------------------------------------------------------


@songs.get("/genres")
async def list_genres() -> list[GenreView]:
    """The genres with their applications (tempo range, meter, usual length), forms and meters."""
    return genres()


@songs.get("/sound")
async def sound(house: Services) -> Sound:
    """Whether this installation can render songs to audio."""
    available = house.music.can_sound()
    return Sound(
        available=available,
        sound_font=house.music.sound_font(),
        remedy=None if available else "Install fluidsynth and a General MIDI sound font.",
    )


@songs.post("/understand")
async def understand(house: Services, caller: CurrentCaller, request: MusicWish) -> Understanding:
    """What a request is understood as, while it is typed: every field with where it comes from, the form, and how
    demanding it is. Nothing is made. Answers 422 naming the field and what is allowed."""
    return await house.music.understand(request, caller.person_id)


@songs.post("/analyses")
async def analyses(request: LeadSheetRequest) -> list[Analysis]:
    """What a lead sheet says: its key, where keys turn, a Roman numeral and a reason for each chord. An iReal Pro link
    may hold several tunes."""
    content = decoded(request.lead_sheet, request.lead_sheet_file)
    return analyse(content or b"", request.genre)


@songs.get("/statistics")
async def statistics(house: Services) -> MusicStatistics:
    """Songs by who made them, in all and by genre, and what was saved, since the last new start."""
    return await house.music.statistics()


# --- songs ----------------------------------------------------------------------------------------


@songs.post("/arrangements", status_code=202, response_model=SongView)
async def order_song(house: Services, caller: CurrentCaller, order: SongRequest, once: Once) -> Any:
    """Start making a song, of words or of a lead sheet. Follow its run at `/api/runs/{run_id}/events`."""
    await require(house, caller, order.project_id, "editor")
    await house.projects.get(order.project_id, caller)

    async def work(token: UUID) -> SongView:
        return await house.music.order(
            order.request,
            title=order.title,
            model=order.model,
            material=_material(order),
            personal=order.personal,
            project_id=order.project_id,
            user_id=caller.person_id,
            song_id=token,
        )

    return await once(work)


def _material(order: SongRequest) -> Material | None:
    content = decoded(order.lead_sheet, order.lead_sheet_file)
    return take(content, order.use, order.tune) if content is not None else None


@songs.get("/arrangements")
async def list_songs(
    house: Services,
    project_id: UUID = DEFAULT_PROJECT,
    genre: Genre | None = None,
    limit: Limit = 50,
    offset: Offset = 0,
) -> list[SongView]:
    """A project's songs, newest first, without their notes."""
    return await house.music.list(project_id=project_id, genre=genre, limit=limit, offset=offset)


@songs.get("/arrangements/{song_id}")
async def get_song(house: Services, song_id: UUID) -> SongView:
    """One song with its arrangement."""
    return await house.music.get(song_id)


@songs.delete("/arrangements/{song_id}", status_code=204)
async def delete_song(house: Services, song_id: UUID) -> None:
    """Remove a song with its files and versions. Answers 409 while it is being made."""
    await house.music.delete(song_id)


@songs.get("/arrangements/{song_id}/roll")
async def get_roll(house: Services, song_id: UUID) -> Roll:
    """The song by bars, in ticks and in seconds: notes of each part, chords with their reasons. For drawing it, and
    for following it while it sounds."""
    return await house.music.roll(song_id)


@songs.get("/arrangements/{song_id}/check")
async def check_song(house: Services, song_id: UUID) -> list[BrokenRule]:
    """The hard rules that the song's files break, by a checker that shares no code with what makes them; none if all
    is well. What a person brought or wrote over may break rules of its genre, and stays."""
    return await house.music.check(song_id)


@songs.get("/arrangements/{song_id}/files")
async def list_files(house: Services, song_id: UUID) -> list[SongFile]:
    """The finished files: MIDI, MusicXML, chart, ChordPro, iReal Pro link, SVG pages, PDF, and what was rendered."""
    return await house.music.files(song_id)


@songs.get(
    "/arrangements/{song_id}/files/{name}",
    response_class=Response,
    responses={200: {"content": {"application/octet-stream": {}}, "description": "The file."}},
)
async def get_file(house: Services, song_id: UUID, name: Annotated[str, Path(max_length=100)]) -> Any:
    """The bytes of one file. The ETag is their SHA-256."""
    view, content = await house.music.file(song_id, name.replace("\0", ""))
    return _file(view, content)


@songs.get("/arrangements/{song_id}/audio", response_class=Response, responses=_SOUND)
async def get_audio(
    house: Services,
    song_id: UUID,
    kind: Annotated[Literal["ogg", "wav"], Query(description="Ogg Vorbis, or 16-bit stereo WAV.")] = "ogg",
) -> Any:
    """The song as it sounds. The first time it takes some seconds; answers 503 where nothing can render it."""
    view, content = await house.music.audio(song_id, kind)
    return _file(view, content)


def _file(view: SongFile, content: bytes) -> Response:
    headers = {"ETag": f'"{view.sha256}"', "Content-Disposition": f'attachment; filename="{view.name}"'}
    return Response(content, media_type=view.media_type, headers=headers)


@songs.get("/arrangements/{song_id}/versions")
async def list_versions(
    house: Services, song_id: UUID, limit: Limit = 50, offset: Offset = 0
) -> list[SongVersion]:
    """Every version with what changed, newest first."""
    return await house.music.versions(song_id, limit=limit, offset=offset)


@songs.get("/arrangements/{song_id}/versions/{number}")
async def get_version(house: Services, song_id: UUID, number: Number) -> SongVersionView:
    """One version with its arrangement."""
    return await house.music.version(song_id, number)


@songs.get("/arrangements/{song_id}/diff")
async def compare_versions(
    house: Services,
    song_id: UUID,
    old: Annotated[int, Query(ge=1, le=MOST)],
    new: Annotated[int, Query(ge=1, le=MOST)],
) -> SongDiff:
    """What differs between two versions: what was asked for, the chords, and who plays otherwise, bar by bar."""
    return await house.music.diff(song_id, old, new)


counts = APIRouter(prefix="/api/music", tags=["music"], dependencies=ADMINISTRATOR)


@counts.post("/statistics/reset")
async def reset_statistics(house: Services) -> MusicStatistics:
    """Count songs, costs and savings from zero from now on. Nothing is deleted."""
    return await house.music.start_anew()


router = APIRouter()
for part in (songs, counts, music_changes.router, music_preferences.router, music_preferences.reactions):
    router.include_router(part)
