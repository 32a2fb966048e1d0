"""`scrivano music`: songs out of a request in words or a lead sheet."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from scrivano.cli import music_charts, music_songs
from scrivano.cli.book import run_here, writable
from scrivano.cli.music_songs import AudioOption, export, read_file, refuse_sound, without_reasons
from scrivano.cli.output import err, out, print_json, table
from scrivano.cli.session import with_house
from scrivano.music.public import MusicResult, Use, genres, read_request, take, understand
from scrivano.runs.public import raise_for_failure
from scrivano.wiring import House

app = typer.Typer(help="Songs out of a request in words.", no_args_is_help=True)
JSON = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of prose.")]
Description = Annotated[str, typer.Option(help="What you want, in words: 'a slow gospel ballad in Bb'.")]
GenreName = Annotated[
    str | None, typer.Option("--genre", help="gospel jazz blues classical neo-soul reggae latin rnb")
]
Application = Annotated[str | None, typer.Option(help="Such as swing; see: scrivano music genres")]
Key = Annotated[str | None, typer.Option(help="Tonic, such as C, F# or Bb.")]
ModeName = Annotated[str | None, typer.Option("--mode", help="major or minor")]
Tempo = Annotated[str | None, typer.Option(help="Beats a minute.")]
Meter = Annotated[str | None, typer.Option(help="3/4 4/4 6/8 12/8 2/2 5/4, as the genre admits.")]
Bars = Annotated[str | None, typer.Option(help="4 to 64.")]
Level = Annotated[
    str | None, typer.Option("--difficulty", help="1 for a beginner's hands to 5 for a professional's.")
]
Form = Annotated[str | None, typer.Option(help="Such as AABA or verse-chorus-bridge.")]
Lowest = Annotated[str | None, typer.Option(help="Lowest MIDI note of the instrument.")]
Highest = Annotated[str | None, typer.Option(help="Highest MIDI note of the instrument.")]


def _request(**given: Any) -> Any:
    return read_request({name: value for name, value in given.items() if value is not None})


@app.command()
def write(
    description: Description = "",
    genre: GenreName = None,
    application: Application = None,
    key: Key = None,
    mode: ModeName = None,
    tempo: Tempo = None,
    meter: Meter = None,
    bars: Bars = None,
    difficulty: Level = None,
    form: Form = None,
    lowest: Lowest = None,
    highest: Highest = None,
    seed: Annotated[str, typer.Option(help="Another seed, another song.")] = "0",
    title: Annotated[str | None, typer.Option(help="The song's title.")] = None,
    lead_sheet: Annotated[
        str | None,
        typer.Option(
            "--lead-sheet",
            help="MusicXML, a chord chart, ChordPro or iReal Pro links: a file, the link itself, or - to read it.",
        ),
    ] = None,
    use: Annotated[
        Use, typer.Option(help="Arrange the sheet's chords, or harmonize its melody; auto: what it has.")
    ] = "auto",
    tune: Annotated[int, typer.Option(help="Which tune of an iReal Pro link.")] = 1,
    model: Annotated[
        str | None, typer.Option("--model", help="One model by name, or 'rules' for none at all.")
    ] = None,
    personal: Annotated[
        bool, typer.Option(help="Whether what you kept and rejected before may count.")
    ] = True,
    audio: AudioOption = "auto",
    out_dir: Annotated[Path, typer.Option("--out", help="Folder for the finished files.")] = Path("out"),
    as_json: JSON = False,
) -> None:
    """Write a song: MIDI, MusicXML, chord chart, ChordPro, iReal Pro link, the engraved score, and its sound."""
    request = _request(
        description=description,
        genre=genre,
        application=application,
        key=key,
        mode=mode,
        tempo=tempo,
        meter=meter,
        bars=bars,
        difficulty=difficulty,
        form=form,
        lowest=lowest,
        highest=highest,
        seed=seed,
    )
    material = take(read_file(lead_sheet), use, tune) if lead_sheet is not None else None
    if material is None:
        # What cannot be asked for is refused before the database is opened.
        understand(request)

    async def body(house: House) -> None:
        writable(out_dir)
        refuse_sound(house, audio)
        song = await house.music.order(
            request, title=title, model=model, material=material, personal=personal
        )
        run = await run_here(house, song.run_id, quiet=as_json)
        raise_for_failure(run)
        result = MusicResult.model_validate(run.output)
        paths = await export(house, song.id, out_dir, audio)
        finished = await house.music.get(song.id)
        if as_json:
            print_json({"run": run, "song": finished, "paths": [str(p) for p in paths]})
            return
        reasons = ", ".join(f"{r.rule} {r.weight:+g}" for r in song.complexity.reasons)
        err.print(
            f"complexity {song.complexity.score:g} ({reasons or 'nothing special'}): {song.complexity.tier}",
            markup=False,
        )
        for note in finished.notes:
            err.print(f"Note: {note}", markup=False)
        out.print(without_reasons(result.chords), markup=False)
        out.print(f"made by: {result.generation_method}", markup=False)
        out.print(f"why each chord stands there: scrivano music show {song.id}", markup=False)
        for path in paths:
            out.print(f"  {path}", markup=False)

    with_house(body)


@app.command("understand")
def say(
    description: Annotated[str, typer.Argument(help="What you want, in words.")],
    genre: GenreName = None,
    key: Key = None,
    tempo: Tempo = None,
    bars: Bars = None,
    form: Form = None,
    as_json: JSON = False,
) -> None:
    """Say what a request is understood as, without making anything."""
    request = _request(description=description, genre=genre, key=key, tempo=tempo, bars=bars, form=form)
    told = understand(request)
    if as_json:
        print_json(told)
        return
    settled = told.settled.model_dump(mode="json")
    rows = [
        [name, str(settled[name] if settled[name] is not None else ""), o] for name, o in told.origins.items()
    ]
    table(["field", "value", "from"], rows, empty="")
    out.print("form: " + ", ".join(f"{s.name} ({s.bars})" for s in told.sections), markup=False)
    out.print(f"complexity: {told.demand.score:g} of 10, {told.demand.tier}", markup=False)
    for remark in told.remarks:
        out.print(remark, markup=False)


@app.command("genres")
def list_genres(as_json: JSON = False) -> None:
    """List the genres with their applications, and the forms and meters of each."""
    if as_json:
        print_json(genres())
        return
    rows = [
        [g.slug.value, a.slug, f"{a.tempo[0]}-{a.tempo[2]}", a.meter, str(a.bars)]
        for g in genres()
        for a in g.applications
    ]
    table(["genre", "application", "tempo", "meter", "bars"], rows, empty="")
    out.print("")
    forms = [[g.slug.value, " ".join(g.meters), " ".join(g.forms)] for g in genres()]
    table(["genre", "meters", "forms"], forms, empty="")


@app.command()
def stats(
    since: Annotated[datetime | None, typer.Option(help="Only songs finished since this day.")] = None,
    reset: Annotated[bool, typer.Option("--reset", help="Count from zero from now on.")] = False,
    as_json: JSON = False,
) -> None:
    """How many songs each tier made, and the rules, in all and by genre, and what that saved."""

    async def body(house: House) -> None:
        if reset:
            await house.music.start_anew()
        found = await house.music.statistics(since.astimezone() if since else None)
        if as_json:
            print_json(found)
            return
        tiers = list(found.overall)
        rows: list[list[str]] = []
        for genre, by in sorted(found.genres.items()):
            money = found.money_by_genre.get(genre)
            saved = f"{money.saved_usd:.4f}" if money else "0"
            rows.append([genre, *(str(by.get(t, 0)) for t in tiers), saved])
        saved = f"{found.money.saved_usd:.4f}"
        rows.append(["all", *(str(found.overall[t]) for t in tiers), saved])
        table(["genre", *tiers, "saved, $"], rows, empty="")
        if found.since is not None:
            out.print(f"since {found.since:%Y-%m-%d %H:%M}", markup=False)

    with_house(body)


music_charts.install(app)
music_songs.install(app)
