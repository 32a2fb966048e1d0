"""The typesetter's process: a job as JSON on stdin, the result as JSON on stdout.

It is started by path and imports nothing of Scrivano, so that it starts fast and nothing of the parent's
memory is in reach of a hostile image or font. It limits its own memory and processor time first.
"""

import base64
import json
import resource
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import typst

_HERE = Path(__file__).parent
_PAGE_GUESSES = 4


def main() -> None:
    """Do one job. Exit code 3 means that the typesetter refused; its reason is in the JSON under `error`."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    job = json.load(sys.stdin.buffer)
    _limit(resource.RLIMIT_AS, job["memory"])
    _limit(resource.RLIMIT_CPU, job["seconds"])
    try:
        with tempfile.TemporaryDirectory(prefix="scrivano-typeset-") as folder:
            for name, data in job["files"].items():
                (Path(folder) / Path(name).name).write_bytes(base64.b64decode(data))
            result = _JOBS[job["kind"]](job, folder)
    except typst.TypstError as error:
        json.dump(
            {"error": error.message, "hints": error.hints[:5], "diagnostic": error.diagnostic[:2000]},
            sys.stdout,
        )
        sys.exit(3)
    json.dump(result, sys.stdout)


def _limit(kind: int, most: int) -> None:
    _, hard = resource.getrlimit(kind)
    resource.setrlimit(kind, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))


def _fonts(job: dict[str, Any]) -> tuple[typst.Fonts, list[str]]:
    bundled = str(_HERE / "fonts")
    packs = [folder for folder in job["font_dirs"] if Path(folder).is_dir()]
    families = set(typst.Fonts(False, False, packs).families()) if packs else set[str]()
    wanted = {"ja": "JP", "ko": "KR", "zh": "SC"}.get(job.get("language", ""), "SC")
    if job.get("language") == "zh" and job.get("traditional"):
        wanted = "TC"
    # A serif of the book's own script first; the rest in alphabetical order, so that the choice never varies.
    order = sorted(families, key=lambda f: (not f.endswith(wanted), "Serif" not in f, f))
    return typst.Fonts(False, False, [bundled, *packs]), order


def _compiler(job: dict[str, Any], folder: str, inputs: dict[str, str], template: str) -> typst.Compiler:
    fonts, pack_families = _fonts(job)
    data = job["data"] | {"fonts": [*job["families"], *pack_families]}
    data["mono"] = ["Source Code Pro", *data["fonts"]]
    source = shutil.copy(_HERE / "templates" / template, folder)
    return typst.Compiler(
        input=source, root=folder, font_paths=fonts, sys_inputs={"book": json.dumps(data), **inputs}
    )


def _print_book(job: dict[str, Any], folder: str) -> dict[str, Any]:
    """Set the book. The gutter depends on the number of pages and these on it: guess, then correct."""
    gutter = _gutter(job, job["pages_guess"])
    pages, pdf, widened = 0, b"", False
    for _ in range(_PAGE_GUESSES):
        compiler = _compiler(job, folder, {"gutter": str(gutter)}, "book.typ")
        out = compiler.compile(format="pdf", pdf_standards=job["standards"], timestamp=job["timestamp"])
        pdf = out if isinstance(out, bytes) else b"".join(out or [])
        pages = int(compiler.query("<page-count>", field="value", one=True))
        needed = _gutter(job, pages)
        if needed == gutter or (needed < gutter and widened):
            break
        # Once widened it never narrows: a book at the edge of two brackets would else swing between them.
        widened = needed > gutter
        gutter = needed
    return {"pdf": _text(pdf), "pages": pages, "gutter": gutter}


def _gutter(job: dict[str, Any], pages: int) -> float:
    return next(width for most, width in job["gutters"] if pages <= most)


def _draw(job: dict[str, Any], folder: str) -> dict[str, Any]:
    """One page as PDF, SVG and PNG, each with the inputs that the job names for it."""
    result: dict[str, Any] = {}
    for output in job["outputs"]:
        compiler = _compiler(job, folder, output["inputs"], job["template"])
        options = {"pdf_standards": job["standards"]} if output["format"] == "pdf" else {}
        out = compiler.compile(
            format=output["format"], ppi=output.get("ppi"), timestamp=job["timestamp"], **options
        )
        result[output["format"]] = _text(out if isinstance(out, bytes) else (out or [b""])[0])
    return result


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


_JOBS = {"book": _print_book, "draw": _draw}

if __name__ == "__main__":
    main()
