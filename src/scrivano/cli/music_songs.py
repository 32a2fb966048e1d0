"""`scrivano music` for songs that there are: list, show, export, change, say what you think of them."""

import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Literal
from uuid import UUID

import typer

from scrivano.cli.book import replace_file, writable
from scrivano.cli.output import out, print_json, table
from scrivano.cli.session import with_house
from scrivano.core.errors import InvalidInput, NotFound, Unavailable
from scrivano.music.public import NOBODY, ReactionKind, SongView
from scrivano.wiring import House

JSON = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of prose.")]
Song = Annotated[str, typer.Argument(help="The song's id, its beginning or end, or 'last'.")]
Out = Annotated[Path | None, typer.Option("--out", help="Folder for the files as they are then.")]
Seed = Annotated[int, typer.Option(help="Another seed, other chords.")]
AudioChoice = Literal["auto", "ogg", "wav", "none"]
AudioOption = Annotated[
    AudioChoice, typer.Option("--audio", help="ogg, wav or none; auto: ogg where fluidsynth is installed.")
]
Change = Callable[[House, UUID], Awaitable[SongView]]


def install(app: typer.Typer) -> None:
    """Hang these commands into the group."""
    for name, command in (
        ("list", list_songs),
        ("show", show),
        ("export", export_song),
        ("regenerate", regenerate),
        ("reharmonize", reharmonize),
        ("substitute", substitute),
        ("transpose", transpose),
        ("difficulty", difficulty),
        ("lock", lock),
        ("undo", undo),
        ("redo", redo),
        ("delete", delete),
        ("react", react),
        ("preferences", preferences),
    ):
        app.command(name)(command)


def read_file(name: str) -> bytes:
    """The bytes of a file, of standard input (`-`), or of an iReal Pro link itself. Raises InvalidInput."""
    if name == "-":
        return sys.stdin.buffer.read()
    if name.startswith(("irealb://", "irealbook://")):
        return name.encode()
    try:
        return Path(name).read_bytes()
    except OSError as error:
        raise InvalidInput(
            f"{name} cannot be read: {error.strerror or error}.", field="lead_sheet", remedy="Name a file."
        ) from None


def refuse_sound(house: House, audio: AudioChoice) -> None:
    """Raises Unavailable where sound is wanted that cannot be made, before anything is done."""
    if audio in ("ogg", "wav") and not house.music.can_sound():
        raise Unavailable(
            "Audio needs fluidsynth and a General MIDI sound font.",
            field="--audio",
            remedy=f"Install them, or put a .sf2 file into {house.settings.home / 'soundfonts'}, or use --audio none.",
        )


async def export(house: House, song_id: UUID, folder: Path, audio: AudioChoice = "auto") -> list[Path]:
    """Write every file of a song, its sound last, into a folder."""
    writable(folder)
    if audio == "auto":
        audio = "ogg" if house.music.can_sound() else "none"
    paths: list[Path] = []
    for file in await house.music.files(song_id):
        if file.name.endswith((".ogg", ".wav")):
            continue
        _, content = await house.music.file(song_id, file.name)
        paths.append(folder / file.name)
        replace_file(paths[-1], content)
    if audio in ("ogg", "wav"):
        view, content = await house.music.audio(song_id, audio)
        paths.append(folder / view.name)
        replace_file(paths[-1], content)
    return paths


async def find(house: House, name: str) -> UUID:
    """The song that is meant. Raises NotFound, and InvalidInput where it may be several."""
    try:
        return UUID(name)
    except ValueError:
        pass
    songs = await house.music.list(limit=500)
    if name == "last" and songs:
        return songs[0].id
    found = [
        s.id for s in songs if len(name) >= 4 and (str(s.id).startswith(name) or str(s.id).endswith(name))
    ]
    if len(found) > 1:
        raise InvalidInput(
            f"{len(found)} songs have {name!r} in their ids.", field="song", remedy="Give more of it."
        )
    if not found:
        raise NotFound(
            f"There is no song {name!r}.", field="song", remedy="See them with: scrivano music list"
        )
    return found[0]


def without_reasons(chart: str) -> str:
    """A chart without the list of reasons at its end."""
    return chart.split("\nReasons")[0].rstrip()


def _changed(song: str, change: Change, out_dir: Path | None, as_json: bool) -> None:
    async def body(house: House) -> None:
        view = await change(house, await find(house, song))
        paths = await export(house, view.id, out_dir, "none") if out_dir is not None else []
        if as_json:
            print_json({"song": view, "paths": [str(path) for path in paths]})
            return
        _, chart = await house.music.file(view.id, "score.txt")
        out.print(without_reasons(chart.decode()), markup=False)
        out.print(f"version {view.version}", markup=False)
        for path in paths:
            out.print(f"  {path}", markup=False)

    with_house(body)


def list_songs(
    limit: Annotated[int, typer.Option(min=1, max=500, help="How many at most.")] = 50, as_json: JSON = False
) -> None:
    """List the songs, newest first."""

    async def body(house: House) -> None:
        songs = await house.music.list(limit=limit)
        if as_json:
            print_json(songs)
            return
        rows = [
            [str(s.id), s.title, s.genre.value, str(s.settled.bars), s.generation_method or "being made"]
            for s in songs
        ]
        table(["id", "title", "genre", "bars", "made by"], rows, empty="There are no songs yet.")

    with_house(body)


def show(song: Song, as_json: JSON = False) -> None:
    """Show a song: its chart with the reason for each chord."""

    async def body(house: House) -> None:
        view = await house.music.get(await find(house, song))
        if as_json:
            print_json(view)
            return
        if view.arrangement is None:
            out.print(f"{view.title} is not finished; its run is {view.run_id}.", markup=False)
            return
        _, chart = await house.music.file(view.id, "score.txt")
        out.print(chart.decode().rstrip(), markup=False)

    with_house(body)


def export_song(
    song: Song,
    out_dir: Annotated[Path, typer.Option("--out", help="Folder for the files.")] = Path("out"),
    audio: AudioOption = "auto",
    as_json: JSON = False,
) -> None:
    """Write a song's files into a folder."""

    async def body(house: House) -> None:
        refuse_sound(house, audio)
        paths = await export(house, await find(house, song), out_dir, audio)
        if as_json:
            print_json({"paths": [str(path) for path in paths]})
            return
        for path in paths:
            out.print(f"  {path}", markup=False)

    with_house(body)


def regenerate(
    song: Song,
    locked: Annotated[
        str | None, typer.Option("--lock", help="Bars that stay, such as 1-4,8; else those that are locked.")
    ] = None,
    seed: Seed = 0,
    out_dir: Out = None,
    as_json: JSON = False,
) -> None:
    """Make every bar anew but the locked ones."""
    kept = _bars(locked, "--lock") if locked is not None else None
    _changed(
        song,
        lambda house, known: house.music.changes.regenerate(known, locked=kept, seed=seed),
        out_dir,
        as_json,
    )


def reharmonize(
    song: Song,
    bars: Annotated[str, typer.Option(help="The bars that get richer harmony, such as 5-8.")],
    seed: Seed = 0,
    out_dir: Out = None,
    as_json: JSON = False,
) -> None:
    """Give some bars richer harmony; all others stay as they are."""
    wanted = _bars(bars, "--bars")
    _changed(
        song,
        lambda house, known: house.music.changes.reharmonize(
            known, first=min(wanted), last=max(wanted), seed=seed
        ),
        out_dir,
        as_json,
    )


def substitute(
    song: Song,
    chord: Annotated[int, typer.Option(help="Which chord, from 1.")],
    symbol: Annotated[str, typer.Option("--with", help="The new chord, such as Db7#11.")],
    out_dir: Out = None,
    as_json: JSON = False,
) -> None:
    """Change one chord; see: scrivano music suggest --song."""
    _changed(
        song,
        lambda house, known: house.music.changes.substitute(known, index=chord - 1, symbol=symbol),
        out_dir,
        as_json,
    )


def transpose(
    song: Song,
    key: Annotated[str, typer.Option(help="The new tonic, such as Eb.")],
    out_dir: Out = None,
    as_json: JSON = False,
) -> None:
    """Move a song to another key."""
    _changed(song, lambda house, known: house.music.changes.transpose(known, key=key), out_dir, as_json)


def difficulty(
    song: Song,
    level: Annotated[int, typer.Argument(help="1 for a beginner's hands to 5 for a professional's.")],
    out_dir: Out = None,
    as_json: JSON = False,
) -> None:
    """The same chords for other hands."""
    _changed(
        song,
        lambda house, known: house.music.changes.set_difficulty(known, difficulty=level),
        out_dir,
        as_json,
    )


def lock(
    song: Song,
    bars: Annotated[str, typer.Argument(help="Bars that stay, such as 1-4,8; 'none' to free all.")],
    as_json: JSON = False,
) -> None:
    """Lock these bars and no others."""
    wanted = [] if bars == "none" else _bars(bars, "bars")
    _changed(song, lambda house, known: house.music.changes.lock(known, wanted), None, as_json)


def undo(song: Song, out_dir: Out = None, as_json: JSON = False) -> None:
    """Take back the last change."""
    _changed(song, lambda house, known: house.music.changes.undo(known), out_dir, as_json)


def redo(song: Song, out_dir: Out = None, as_json: JSON = False) -> None:
    """Do again what was undone last."""
    _changed(song, lambda house, known: house.music.changes.redo(known), out_dir, as_json)


def delete(song: Song) -> None:
    """Remove a song with its files and versions."""

    async def body(house: House) -> None:
        known = await find(house, song)
        await house.music.delete(known)
        out.print(f"Deleted {known}.", markup=False)

    with_house(body)


def react(
    song: Song,
    kind: Annotated[ReactionKind, typer.Argument(help="What you think of it.")],
    bar: Annotated[int | None, typer.Option(help="Of this bar; else of the whole song.")] = None,
    as_json: JSON = False,
) -> None:
    """Say what you think of a song or a bar. It counts at once for what is suggested, and for the difficulty."""

    async def body(house: House) -> None:
        said = await house.music.react(await find(house, song), bar, kind)
        if as_json:
            print_json(said)
            return
        for one in said:
            out.print(f"{f'bar {one.bar}' if one.bar else 'the song'}: {one.kind}", markup=False)

    with_house(body)


def preferences(
    share: Annotated[
        bool | None, typer.Option(help="Whether your likings may help people who are new to this server.")
    ] = None,
    level: Annotated[int | None, typer.Option(min=1, max=5, help="The difficulty to begin with.")] = None,
    forget: Annotated[
        bool, typer.Option("--forget", help="Forget everything that was learnt of you.")
    ] = False,
    export_to: Annotated[
        Path | None, typer.Option("--export", help="Write all that is kept into a JSON file.")
    ] = None,
    as_json: JSON = False,
) -> None:
    """What was learnt of you, and from what; give or withdraw consent, export it, forget it."""

    async def body(house: House) -> None:
        tastes = house.music.tastes
        if forget:
            await tastes.forget(NOBODY)
        if share is not None or level is not None:
            await tastes.change(NOBODY, shares=share, level=level)
        if export_to is not None:
            async for _, content in tastes.export(NOBODY):
                writable(export_to.parent)
                replace_file(export_to, content)
        found = await tastes.view(NOBODY)
        if as_json:
            print_json(found)
            return
        out.print(f"{found.choices} choices. {found.difficulty.text}", markup=False)
        for one in found.likings:
            out.print(f"  {one.text}", markup=False)
        out.print(f"Shared with others: {'yes' if found.shares else 'no'}", markup=False)

    with_house(body)


def _bars(text: str, field: str) -> list[int]:
    """Bars out of `1-4,8`."""
    found: list[int] = []
    for part in text.split(","):
        first, _, last = part.strip().partition("-")
        numbers = [first.strip(), (last or first).strip()]
        if not all(number.isdecimal() and 1 <= int(number) <= 64 for number in numbers):
            raise InvalidInput(f"“{text[:40]}” names no bars.", field=field, remedy="Write 1-4 or 1,2,8.")
        found += range(int(numbers[0]), int(numbers[1]) + 1)
    return found
