"""Making prompts, putting them away, and who may move which label."""

from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from scrivano.cli.given import spelled, text_of, valid, version_of, yaml_of
from scrivano.cli.output import out, print_json, table
from scrivano.cli.people import MACHINE
from scrivano.cli.session import with_house
from scrivano.core.errors import InvalidInput
from scrivano.prompts.public import LabelName, Name, PartContent, PartKind, Protection, TemplateContent
from scrivano.wiring import House

JSON = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of prose.")]
Either = Annotated[str, typer.Argument(help="A template's or part's name.")]
Label = Annotated[str, typer.Argument(help="The label, such as production.")]


def new(
    name: Annotated[str, typer.Argument(help="Its name: small letters, digits, _ . -")],
    file: Annotated[Path, typer.Argument(help="A template's content as YAML; with --part, a part's text.")],
    part: Annotated[
        PartKind | None, typer.Option("--part", help="Make a part of this kind instead of a template.")
    ] = None,
    description: Annotated[str, typer.Option(help="What it is for.")] = "",
    tag: Annotated[list[str] | None, typer.Option("--tag", help="May be given several times.")] = None,
    note: Annotated[str, typer.Option(help="Of its first version.")] = "",
    as_json: JSON = False,
) -> None:
    """Make a template, or a part."""
    spelled(Name, name, "name")

    async def body(house: House) -> None:
        if part is not None:
            content = valid(PartContent, {"text": text_of(file, "file").strip()})
            made = await house.prompts.create_part(
                name, part, description, content, tags=tag or (), note=note
            )
        else:
            whole = valid(TemplateContent, content_of(file))
            made = await house.prompts.create(name, description, whole, tags=tag or (), note=note)
        print_json(made) if as_json else out.print(f"{name}: version {made.info.number}", markup=False)

    with_house(body)


def content_of(file: Path) -> object:
    """A template's content out of a YAML file: by itself, or within what `show --json` prints."""
    whole = yaml_of(file, "file")
    if not isinstance(whole, dict):
        raise InvalidInput(
            f"{file} is no template's content.", field="file", remedy="See: scrivano prompts show"
        )
    return whole.get("content", whole)  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]


def duplicate(
    name: Annotated[str, typer.Argument(help="The template's name.")],
    copy: Annotated[str, typer.Argument(help="The name of the new one.")],
    version: Annotated[str, typer.Option(help="A number or a label.")] = "production",
    as_json: JSON = False,
) -> None:
    """Make a new template with the same content."""
    spelled(Name, copy, "name")

    async def body(house: House) -> None:
        made = await house.prompts.duplicate(name, copy, version=version_of(version))
        print_json(made) if as_json else out.print(f"{copy}: version {made.info.number}", markup=False)

    with_house(body)


def archive(
    name: Either,
    back: Annotated[bool, typer.Option("--back", help="Bring it back instead.")] = False,
) -> None:
    """Take a template or part out of the lists; runs that are bound to a version keep it."""

    async def body(house: House) -> None:
        if await house.prompts.has_template(name):
            await house.prompts.archive(name, not back)
        else:
            await house.prompts.archive_part(name, not back)
        out.print(f"{name}: {'back in the lists' if back else 'archived'}", markup=False)

    with_house(body)


def labels(
    name: Annotated[
        str | None, typer.Argument(help="A template or part; else the labels that not everybody moves.")
    ] = None,
    as_json: JSON = False,
) -> None:
    """List where the labels of a prompt point; without a name, which labels are protected, and who may move them."""

    async def body(house: House) -> None:
        if name is None:
            protected = {
                each: await house.prompts.protection(each) for each in await house.prompts.protected_labels()
            }
            if as_json:
                print_json(protected)
                return
            rows = [
                [each, ", ".join(["administrators", *(f"{r.role}s of {r.project_id}" for r in found.roles)])]
                for each, found in protected.items()
            ]
            table(["label", "may be moved by"], rows, empty="Everybody may move every label.")
            return
        template = await house.prompts.has_template(name)
        found = await (house.prompts.labels(name) if template else house.prompts.part_labels(name))
        if as_json:
            print_json(found)
            return
        rows = [
            [each.label, str(each.number), each.set_by.kind, f"{each.set_at:%Y-%m-%d %H:%M}"]
            for each in found
        ]
        table(["label", "version", "by", "moved"], rows, empty="It has no label.")

    with_house(body)


def unlabel(name: Either, label: Label) -> None:
    """Take a label off a prompt. `production` can only be moved."""

    async def body(house: House) -> None:
        if await house.prompts.has_template(name):
            await house.prompts.remove_label(name, label)
        else:
            await house.prompts.remove_part_label(name, label)
        out.print(f"{name} has no label {label} now.", markup=False)

    with_house(body)


def protect(
    label: Label,
    role: Annotated[
        list[str] | None,
        typer.Option(
            "--role",
            help="PROJECT:ROLE, such as 01a1…:editor: members who may move it besides administrators.",
        ),
    ] = None,
    off: Annotated[bool, typer.Option("--off", help="Let everybody move it.")] = False,
    as_json: JSON = False,
) -> None:
    """Say who may move a label: administrators alone, the members of projects that are named as well, or everybody."""
    spelled(LabelName, label, "label")
    roles = [_role(each) for each in role or []]
    wanted = valid(Protection, {"protected": not off, "roles": roles})

    async def body(house: House) -> None:
        for each in wanted.roles:
            await house.projects.get(each.project_id, MACHINE)
        found = await house.prompts.protect(label, wanted)
        if as_json:
            print_json(found)
        elif not found.protected:
            out.print(f"Everybody may move {label} now.", markup=False)
        else:
            others = "".join(f", {r.role}s of {r.project_id}" for r in found.roles)
            out.print(f"{label} may be moved by administrators{others}.", markup=False)

    with_house(body)


def _role(text: str) -> dict[str, object]:
    project, colon, role = text.rpartition(":")
    try:
        return {"project_id": UUID(project), "role": role if colon else ""}
    except ValueError as error:
        raise InvalidInput(
            f"{text!r} is no PROJECT:ROLE.", field="--role", remedy="See: scrivano projects list"
        ) from error
