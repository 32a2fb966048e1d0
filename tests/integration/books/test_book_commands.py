"""`scrivano book` on what is written, with a manuscript that is brought in so that no model is needed."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from scrivano.cli.app import app
from scrivano.core.postgres import EmbeddedPostgres
from scrivano.documents.public import DocumentChanged
from tests.conftest import make_clone

Call = Callable[..., Any]
YARD = "# The Yard\n\n## One\n\nRain fell on the yard.\n\n## Two\n\nThe sun came out again.\n"


@pytest.fixture
def scrivano(tmp_path: Path, postgres_server: EmbeddedPostgres, template_database: str) -> Iterator[Call]:
    with make_clone(postgres_server, template_database) as url:
        environment = {
            "SCRIVANO_HOME": str(tmp_path / "home"),
            "SCRIVANO_DATABASE_URL": url,
            "SCRIVANO_DISCOVER_URLS": "off",
        }

        def call(*arguments: object) -> Any:
            result = CliRunner().invoke(app, [*map(str, arguments), "--json"], env=environment)
            if result.exception is not None and not isinstance(result.exception, SystemExit):
                raise result.exception
            assert result.exit_code == 0, result.output
            return json.loads(result.stdout)

        yield call


def test_a_manuscript_is_brought_in_edited_compared_and_made_again(scrivano: Call, tmp_path: Path) -> None:
    manuscript = tmp_path / "yard.md"
    manuscript.write_text(YARD, "utf-8")
    book = scrivano("book", "import", manuscript, "--author", "R. Amsel")["id"]
    # The list shows ids by their ends, since those of one hour begin alike.
    assert (
        scrivano("book", "show", book[-8:])["book"]["id"]
        == scrivano("book", "show", book[:13])["book"]["id"]
        == book
    )
    listed = scrivano("book", "chapters", book)
    assert [(c["title"], c["last_change_by"]) for c in listed] == [("One", "import"), ("Two", "import")]
    files = {f["name"]: f["sha256"] for f in scrivano("book", "show", book)["files"]}
    assert {"book.pdf", "book.epub", "book.docx", "book.md", "provenance.json"} <= set(files)

    new = tmp_path / "one.md"
    new.write_text("Snow fell on the yard.", "utf-8")
    assert scrivano("book", "edit", book, 1, new, "--title", "Winter")["version"] == 2
    with pytest.raises(DocumentChanged):
        scrivano("book", "edit", book, 1, new, "--base", 1)
    told = scrivano("book", "diff", book, 1, 1, 2, "--words")["lines"]
    assert [(x["kind"], x["text"]) for x in told if x["kind"] != "same"] == [
        ("removed", "Rain"),
        ("added", "Snow"),
    ]
    assert scrivano("book", "lineage", book, 1, 0)["author"]["kind"] == "person"
    assert scrivano("book", "proposals", book, 1) == []

    assert scrivano("book", "rebuild", book)["status"] == "succeeded"
    again = {f["name"]: f["sha256"] for f in scrivano("book", "show", book)["files"]}
    assert again["book.md"] != files["book.md"]
    account = scrivano("book", "show", book)["book"]["provenance"]
    assert account["generated_with"] == "no model: the author's own text"
    assert account["external_api_calls"] == 0
    assert [c["last_change_by"] for c in account["chapters"]] == ["person", "import"]

    assert scrivano("book", "restore", book, 1, 1)["version"] == 3
    assert scrivano("book", "chapter", book, 1)["text"] == "Rain fell on the yard."
    assert [v["number"] for v in scrivano("book", "versions", book, 1)] == [3, 2, 1]
    assert scrivano("book", "delete", book, "--yes") == {"deleted": book}
    assert scrivano("book", "list") == []
