"""The published JSON schema of the pack format.

`python -m scrivano.packs.schema > src/scrivano/packs/schema.json` writes it; a test keeps the two alike.
"""

import json
import sys
from typing import Any

from pydantic.json_schema import models_json_schema

from scrivano.packs.dto import FORMAT, ChapterHead, OutlineFile, PackFile

_FILES = {"pack": PackFile, "outline": OutlineFile, "chapter": ChapterHead}


def pack_schema() -> dict[str, Any]:
    """JSON Schema (2020-12): `$defs` holds one schema per kind of file, `properties` says which is which."""
    references, schema = models_json_schema([(model, "validation") for model in _FILES.values()])
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"Scrivano domain pack, format {FORMAT}",
        "description": "pack: pack.toml; outline: outlines/*.toml; chapter: the head of chapters/*.md.",
        "type": "object",
        "properties": {name: references[model, "validation"] for name, model in _FILES.items()},
        "$defs": schema["$defs"],
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(pack_schema(), indent=2) + "\n")
