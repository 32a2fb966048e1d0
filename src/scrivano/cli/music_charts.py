"""`scrivano music` for chords and files: suggest, analyse, check, train. Most need no database."""

from pathlib import Path
from typing import Annotated, Any

import typer

from scrivano.cli.music_songs import find, read_file
from scrivano.cli.output import err, out, print_json, table
from scrivano.cli.session import with_house
from scrivano.core.errors import InvalidInput
from scrivano.core.settings import load_settings
from scrivano.music.public import Genre, NextChord, SubstituteView, analyse, judge, train
from scrivano.wiring import House

JSON = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of prose.")]
GenreOption = Annotated[Genre | None, typer.Option("--genre", help="The genre whose habits count.")]


def install(app: typer.Typer) -> None:
    """Hang these commands into the group."""
    app.command("suggest")(suggest)
    app.command("analyse")(analyse_file)
    app.command("check")(check)
    app.command("train")(train_model)


def suggest(
    chords: Annotated[str, typer.Argument(help="Chords so far, such as 'Dm7 G7'.")] = "",
    key: Annotated[str, typer.Option(help="The tonic of these chords.")] = "C",
    mode: Annotated[str, typer.Option(help="major or minor")] = "major",
    genre: GenreOption = None,
    song: Annotated[
        str | None, typer.Option(help="Or a song (id or 'last'): what may stand in place of its --chord.")
    ] = None,
    chord: Annotated[int | None, typer.Option(help="Which chord of the song, from 1.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=24, help="How many.")] = 8,
    as_json: JSON = False,
) -> None:
    """What may come next, or what may stand in place of a song's chord; what you would take comes first."""
    if mode not in ("major", "minor"):
        raise InvalidInput(f"“{mode[:40]}” is no mode.", field="mode", remedy="Write major or minor.")
    if song is not None and chord is None:
        raise InvalidInput("Which chord?", field="--chord", remedy="Give its number, from 1.")
    words = [word for word in chords.replace("|", " ").replace(",", " ").split() if word not in ("%", "/")]

    async def body(house: House) -> None:
        found: list[SubstituteView] | list[NextChord]
        if song is not None:
            known = await find(house, song)
            found = await house.music.suggestions(known, (chord or 0) - 1, limit)
        else:
            wanted: Any = mode
            found = await house.music.next_chords(words, key=key, mode=wanted, genre=genre, limit=limit)
        if as_json:
            print_json(found)
            return
        rows: list[list[str]] = []
        for one in found:
            why = one.reason.text if isinstance(one, SubstituteView) else (one.why or "")
            rows.append([one.symbol, f"{one.probability:.0%}", "; ".join([why, *one.because]).strip("; ")])
        table(["chord", "likely", "why"], rows, empty="Nothing else may stand there.")

    with_house(body)


def analyse_file(
    file: Annotated[
        str, typer.Argument(help="MusicXML, a chord chart, ChordPro, iReal Pro links, a link itself, or -.")
    ],
    genre: GenreOption = None,
    as_json: JSON = False,
) -> None:
    """Read a lead sheet: its key, where keys turn, a Roman numeral and a reason for each chord."""
    found = analyse(read_file(file), genre)
    if as_json:
        print_json(found)
        return
    for tune in found:
        title = tune.title + (f" ({tune.composer})" if tune.composer else "")
        heard = ", found by ear" if tune.key_found else ""
        out.print(f"{title}: {tune.key} {tune.mode}{heard}, {tune.meter}, {tune.bars} bars", markup=False)
        if tune.melody_notes:
            out.print(f"melody of {tune.melody_notes} notes", markup=False)
        if len(tune.keys) > 1:
            turns = ", ".join(f"{k.key} ({k.first_bar}-{k.last_bar})" for k in tune.keys)
            out.print(f"keys: {turns}", markup=False)
        rows = [[str(c.bar), f"{c.beat:g}", c.symbol, c.roman, c.kind, c.text] for c in tune.chords]
        table(["bar", "beat", "chord", "numeral", "kind", "why"], rows, empty="It has no chords.")


def check(
    file: Annotated[Path, typer.Argument(help="score.mid or score.musicxml; the other stands beside it.")],
    genre: Annotated[
        str | None, typer.Option(help="Judge by this genre; else by what the score says.")
    ] = None,
    application: Annotated[str | None, typer.Option(help="And this way of playing it.")] = None,
    key: Annotated[str | None, typer.Option(help="The key that was asked for.")] = None,
    mode: Annotated[str | None, typer.Option(help="major or minor")] = None,
    tempo: Annotated[str | None, typer.Option(help="The tempo that was asked for.")] = None,
    meter: Annotated[str | None, typer.Option(help="The meter that was asked for.")] = None,
    bars: Annotated[str | None, typer.Option(help="The bars that were asked for.")] = None,
    form: Annotated[str | None, typer.Option(help="The form that was asked for.")] = None,
    as_json: JSON = False,
) -> None:
    """Judge finished files by the hard rules of their genre. Exits with 1 where one is broken."""
    midi, score = _pair(file)
    found = judge(
        midi,
        score,
        genre=genre,
        application=application,
        key=key,
        mode=mode,
        tempo=tempo,
        meter=meter,
        bars=bars,
        form=form,
    )
    if as_json:
        print_json(found)
    else:
        wanted = found.expected
        out.print(
            f"{wanted.genre.value} ({wanted.application}) in {wanted.key} {wanted.mode}, {wanted.meter}, "
            f"{wanted.bars} bars: {found.chords} chords, {found.notes} notes",
            markup=False,
        )
        rows = [[one.rule, str(one.bar or ""), one.text] for one in found.broken]
        table(["rule", "bar", "what"], rows, empty="No rule is broken.")
    if found.broken:
        raise typer.Exit(1)


def _pair(file: Path) -> tuple[bytes, bytes]:
    midi, score = file.with_suffix(".mid"), file.with_suffix(".musicxml")
    if not file.is_file():
        raise InvalidInput(f"{file} is no file that is there.", field="file", remedy="Name score.mid.")
    if file.suffix not in (".mid", ".musicxml"):
        raise InvalidInput(
            f"{file.name} is neither MIDI nor MusicXML.",
            field="file",
            remedy="Give score.mid or score.musicxml; both are read.",
        )
    for path in (midi, score):
        if not path.is_file():
            raise InvalidInput(
                f"{path} is not there.",
                field="file",
                remedy="The notes are judged from MIDI, the chords from MusicXML.",
            )
    return midi.read_bytes(), score.read_bytes()


def train_model(
    corpora: Annotated[
        list[Path] | None,
        typer.Argument(help="Corpora (.jsonl, .jsonl.gz), lead sheets, iReal Pro links, or folders of them."),
    ] = None,
    genre: Annotated[
        Genre | None, typer.Option("--genre", help="The genre of lead sheets that name none.")
    ] = None,
    out_file: Annotated[
        Path | None, typer.Option("--out", help="Where to write the model; else where Scrivano uses it.")
    ] = None,
    forget: Annotated[
        bool, typer.Option("--forget", help="Go back to the model that comes with Scrivano.")
    ] = False,
    as_json: JSON = False,
) -> None:
    """Train the next-chord model on songs of yours, beside the Billboard songs that come with Scrivano."""
    place = load_settings().home / "music" / "chords.npz"
    if forget:
        place.unlink(missing_ok=True)
        err.print("The model that comes with Scrivano is used.")
        return
    made = train(corpora or [], out_file or place, genre=genre)
    if as_json:
        print_json(made)
        return
    out.print(
        f"{made.songs} songs ({made.named_songs} of them yours), {made.chords:,} chords, {made.seconds:.1f} s, "
        f"{made.size / 1e6:.2f} MB: {made.path}",
        markup=False,
    )
