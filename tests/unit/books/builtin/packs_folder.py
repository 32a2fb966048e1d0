"""The shipped packs as material, straight from their files."""

import tomllib
from functools import cache
from pathlib import Path

import scrivano.packs
from scrivano.books.builtin.public import Material
from scrivano.packs.public import ChapterSample, OutlineSample
from scrivano.references.public import count_words

DATA = Path(scrivano.packs.__file__).parent / "data"


def niches() -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for path in sorted(DATA.glob("*/pack.toml")):
        pack = tomllib.loads(path.read_text("utf-8"))
        found += [(pack["slug"], niche["slug"]) for niche in pack["niche"]]
    return found


@cache
def material_of(domain: str, niche: str) -> Material:
    folder = DATA / domain / niche
    outlines: list[OutlineSample] = []
    for path in sorted((folder / "outlines").glob("*.toml")):
        data = tomllib.loads(path.read_text("utf-8"))
        name = f"{domain}/{niche}/outlines/{path.stem}"
        outlines.append(OutlineSample(id=name, chapters=data.pop("chapter"), hash="", **data))
    chapters: list[ChapterSample] = []
    for path in sorted((folder / "chapters").glob("*.md")):
        _, head, body = path.read_text("utf-8").split("+++", 2)
        name = f"{domain}/{niche}/chapters/{path.stem}"
        text = body.strip()
        chapters.append(
            ChapterSample(id=name, text=text, words=count_words(text), hash="", **tomllib.loads(head))
        )
    return Material(outlines=outlines, chapters=chapters)
