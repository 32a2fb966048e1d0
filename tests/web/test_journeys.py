"""What people do in the studio, from empty to done, in a real Chromium at both sizes against a real server."""

import os
from pathlib import Path

from scrivano.core.postgres import EmbeddedPostgres
from tests.acceptance.studio import studio
from tests.conftest import make_clone
from tests.web.served import Served, free_port, need_browser, stop, travel


def test_a_book_a_song_and_an_evaluation_are_made_and_every_page_is_whole(served: Served) -> None:
    # In this order: the pages are looked at with a book, a song and an evaluation in them.
    travel(served.base, ["book", served.model], ["song"], ["evaluations"], ["pages"], own=True)


def test_every_button_does_something(base: str, tmp_path: Path) -> None:
    file = tmp_path / "letters.md"
    file.write_text("# Letters\n\n## One\n\nThe tide is late.\n\n## Two\n\nThe lamp is out.\n")
    travel(base, ["import", os.fspath(file)], ["song"], ["evaluations"], ["buttons"], own=True)


def test_the_first_account(tmp_path: Path, postgres_server: EmbeddedPostgres, template_database: str) -> None:
    need_browser()
    tmp_path.chmod(0o755)
    port = free_port()
    with (
        make_clone(postgres_server, template_database) as url,
        studio(tmp_path, model=False, url=url) as house,
    ):
        house.environment["SCRIVANO_SIGN_IN"] = "always"
        server = house.start("serve", "--no-worker", "--port", str(port))
        try:
            assert server.stderr is not None
            link = next(line.strip() for line in server.stderr if "/welcome/set-up#" in line)
            travel(f"http://127.0.0.1:{port}", ["set-up", link])
        finally:
            stop(server)
