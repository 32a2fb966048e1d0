"""`scrivano music`: songs out of a request in words."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from scrivano.cli.book import replace_file, run_here, writable
from scrivano.cli.output import err, out, print_json, table
from scrivano.cli.session import with_house
from scrivano.music.public import MusicResult, genres, read_request
from scrivano.runs.public import raise_for_failure
from scrivano.wiring import House

app = typer.Typer(help="Songs out of a request in words.", no_args_is_help=True)
JSON = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of prose.")]


@app.command()
def write(
    description: Annotated[
        str, typer.Option(help="What you want, in words: 'a slow gospel ballad in Bb'.")
    ] = "",
    genre: Annotated[
        str | None, typer.Option(help="gospel jazz blues classical neo-soul reggae latin rnb")
    ] = None,
    application: Annotated[str | None, typer.Option(help="Such as swing; see: scrivano music genres")] = None,
    key: Annotated[str | None, typer.Option(help="Tonic, such as C, F# or Bb.")] = None,
    mode: Annotated[str | None, typer.Option(help="major or minor")] = None,
    tempo: Annotated[float | None, typer.Option(help="Beats a minute.")] = None,
    meter: Annotated[str | None, typer.Option(help="3/4 4/4 6/8 12/8 2/2 5/4, as the genre admits.")] = None,
    bars: Annotated[str | None, typer.Option(help="4 to 64.")] = None,
    difficulty: Annotated[
        int | None, typer.Option(help="1 for a beginner's hands to 5 for a professional's.")
    ] = None,
    form: Annotated[str | None, typer.Option(help="Such as AABA.")] = None,
    seed: Annotated[int, typer.Option(help="Another seed, another song.")] = 0,
    title: Annotated[str | None, typer.Option(help="The song's title.")] = None,
    model: Annotated[
        str | None, typer.Option("--model", help="One model by name, or 'rules' for none at all.")
    ] = None,
    out_dir: Annotated[Path, typer.Option("--out", help="Folder for the finished files.")] = Path("out"),
    as_json: JSON = False,
) -> None:
    """Write a song: MIDI, MusicXML, chord chart, iReal Pro link and the engraved score."""
    given = {
        "description": description,
        "genre": genre,
        "application": application,
        "key": key,
        "mode": mode,
        "tempo": tempo,
        "meter": meter,
        "bars": bars,
        "difficulty": difficulty,
        "form": form,
        "seed": seed,
    }
    request = read_request({name: value for name, value in given.items() if value is not None})

    async def body(house: House) -> None:
        writable(out_dir)
        song = await house.music.order(request, title=title, model=model)
        run = await run_here(house, song.run_id, quiet=as_json)
        raise_for_failure(run)
        result = MusicResult.model_validate(run.output)
        paths: list[Path] = []
        for name in result.files:
            _, content = await house.music.file(song.id, name)
            paths.append(out_dir / name)
            replace_file(paths[-1], content)
        if as_json:
            print_json({"run": run, "song": await house.music.get(song.id), "paths": [str(p) for p in paths]})
            return
        reasons = ", ".join(f"{r.rule} {r.weight:+g}" for r in song.complexity.reasons)
        err.print(
            f"complexity {song.complexity.score:g} ({reasons or 'nothing special'}): {song.complexity.tier}",
            markup=False,
        )
        for note in result.notes:
            err.print(f"[yellow]Note:[/] {note}")
        out.print(result.chords, markup=False)
        out.print(f"made by: {result.generation_method}", markup=False)
        for path in paths:
            out.print(f"  {path}", markup=False)

    with_house(body)


@app.command("genres")
def list_genres(as_json: JSON = False) -> None:
    """List the genres with their applications."""
    if as_json:
        print_json(genres())
        return
    rows = [
        [g.slug.value, a.slug, f"{a.tempo[0]}-{a.tempo[2]}", a.meter, str(a.bars)]
        for g in genres()
        for a in g.applications
    ]
    table(["genre", "application", "tempo", "meter", "bars"], rows, empty="")


@app.command()
def stats(
    since: Annotated[datetime | None, typer.Option(help="Only songs finished since this day.")] = None,
    as_json: JSON = False,
) -> None:
    """How many songs each tier made, and the rules, in all and by genre."""

    async def body(house: House) -> None:
        found = await house.music.statistics(since.astimezone() if since else None)
        if as_json:
            print_json(found)
            return
        tiers = list(found.overall)
        rows = [[genre, *(str(by.get(t, 0)) for t in tiers)] for genre, by in sorted(found.genres.items())]
        rows.append(["all", *(str(found.overall[t]) for t in tiers)])
        table(["genre", *tiers], rows, empty="")

    with_house(body)
