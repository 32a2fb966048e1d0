"""`scrivano book assess`: what an editor would say of any Markdown file."""

from pathlib import Path
from typing import Annotated

import typer

from scrivano.assessment.public import (
    KnownText,
    Manuscript,
    PlannedChapter,
    Report,
    read_outline,
    split_manuscript,
)
from scrivano.cli.output import out, print_json, table
from scrivano.cli.session import with_house
from scrivano.core.errors import InvalidInput
from scrivano.references.public import read_references
from scrivano.wiring import House

MOST_BYTES = 20_000_000
SHOWN = 20


def assess(
    file: Annotated[Path, typer.Argument(help="The text, as Markdown.")],
    outline: Annotated[
        Path | None, typer.Option("--outline", help="What it was to say: TOML, JSON or Markdown.")
    ] = None,
    references: Annotated[
        list[Path] | None,
        typer.Option("--references", help="What it may not contradict; a file or folder, several times."),
    ] = None,
    genre: Annotated[str, typer.Option("--genre", help="Slug of a genre, such as fiction.")] = "",
    fiction: Annotated[bool, typer.Option("--fiction", help="It is a story.")] = False,
    audience: Annotated[str, typer.Option("--audience", help="Whom it is for.")] = "general readers",
    language: Annotated[str, typer.Option("--language", help="BCP 47, such as en or de-AT.")] = "en",
    words: Annotated[
        int, typer.Option("--words", help="The length that was asked.", min=0, max=1_000_000)
    ] = 0,
    every: Annotated[bool, typer.Option("--all", help="Show every finding.")] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON document instead of prose.")
    ] = False,
) -> None:
    """Assess a Markdown file: measures with findings, a score for each chapter and for the whole. Asks no model."""
    text = _read(file, "file")
    plan = read_outline(_read(outline, "outline"), outline.name) if outline else []

    async def body(house: House) -> None:
        known = await read_references([], Path(), named=references or [])
        manuscript = _manuscript(text, plan, [KnownText(name=r.name[:300], text=r.text) for r in known])
        manuscript = manuscript.model_copy(
            update={
                "genre": genre,
                "kind": "fiction" if fiction or genre == "fiction" else "non-fiction",
                "audience": audience,
                "language": language,
                "words": words,
            }
        )
        report = await house.assessments.measure(Manuscript.model_validate(manuscript.model_dump()))
        if as_json:
            print_json(report)
        else:
            _show(report, every)

    with_house(body)


def _manuscript(text: str, plan: list[PlannedChapter], known: list[KnownText]) -> Manuscript:
    chapters = split_manuscript(text.replace("\0", ""))
    if len(plan) == 1 and len(chapters) > 1:
        joined = "\n\n".join(f"## {c.title}\n\n{c.text}" if c.title else c.text for c in chapters)
        chapters = [chapters[0].model_copy(update={"title": plan[0].title, "text": joined})]
    return Manuscript(chapters=chapters, outline=plan, references=known)


def _read(path: Path, field: str) -> str:
    try:
        if not path.is_file():
            what = "is a folder" if path.is_dir() else "does not exist"
            raise InvalidInput(f"{path} {what}.", field=field, remedy="Give the path of a text file.")
        if path.stat().st_size > MOST_BYTES:
            raise InvalidInput(f"{path} is larger than {MOST_BYTES // 1_000_000} MB.", field=field)
        return path.read_text("utf-8-sig")
    except UnicodeDecodeError:
        raise InvalidInput(f"{path} is not UTF-8 text.", field=field, remedy="Save it as UTF-8.") from None
    except OSError as error:
        raise InvalidInput(f"{path} cannot be read: {error.strerror}.", field=field) from None


def _show(report: Report, every: bool) -> None:
    out.print(f"[bold]{report.score:.0f}[/] of 100: {report.words:,} words, as {report.genre}")
    table(
        ["measure", "score", "weight"],
        [[m.name, f"{m.score:.0f}", f"{m.weight:g}"] for m in report.measures],
        empty="Nothing could be measured.",
    )
    if len(report.chapters) > 1:
        rows = [[str(c.number), f"{c.score:.0f}", f"{c.words:,}", c.title] for c in report.chapters]
        table(["chapter", "score", "words", "title"], rows, empty="")
    findings = report.findings
    for finding in findings if every else findings[:SHOWN]:
        where = f"chapter {finding.chapter}" if finding.chapter and len(report.chapters) > 1 else ""
        head = ", ".join(filter(None, [finding.measure, where]))
        out.print(f"- {head}: {finding.why} {finding.advice}", markup=False)
        if finding.quote:
            out.print(f"    “{_short(finding.quote)}”", markup=False)
    if len(findings) > SHOWN and not every:
        out.print(f"{len(findings) - SHOWN} more: add --all")


def _short(quote: str) -> str:
    line = " ".join(quote.split())
    return line if len(line) <= 160 else line[:157] + "…"
