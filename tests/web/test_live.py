"""The page of a book that is being written, through reloads, a lost network and a killed server.

RELOADS=100 tests/web/test_live.py takes the full measure.
"""

import os
import subprocess
from pathlib import Path

from scrivano.core.postgres import EmbeddedPostgres
from tests.acceptance.studio import studio
from tests.conftest import make_clone
from tests.web.served import DONE, WEB, free_port, need_browser, serve, stop


def test_no_word_is_lost_or_doubled(
    tmp_path: Path, postgres_server: EmbeddedPostgres, template_database: str
) -> None:
    need_browser()
    tmp_path.chmod(0o755)
    port = free_port()
    rules = [
        {"match": {"pattern": rf"late, {size}\.[\s\S]*Write chapter"}, "hold_after": 700, "hold": size}
        for size in ("wide", "phone")
    ]
    script = {"tokens_per_second": float(os.environ.get("TOKENS_PER_SECOND", "60")), "rule": rules}
    with make_clone(postgres_server, template_database) as url, studio(tmp_path, script, url=url) as house:
        assert house.model is not None
        house.run("models", "discover")
        server = serve(house, port)
        journey = subprocess.Popen(
            [
                "node",
                str(WEB / "journeys" / "run.js"),
                f"http://127.0.0.1:{port}",
                "live",
                house.model.url,
                os.environ.get("RELOADS", "5"),
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        told: list[str] = []
        try:
            assert journey.stderr is not None
            for line in journey.stderr:
                told.append(line)
                # Once, as soon as both sizes have come so far.
                if [one.strip() for one in told].count("kill") == 2 and line.strip() == "kill":
                    server.kill()
                    server.communicate(timeout=60)
                    server = serve(house, port)
            output, _ = journey.communicate(timeout=60)
        finally:
            journey.kill()
            stop(server)
    print("".join(told))
    assert journey.returncode == 0, "".join(told)
    assert sorted(output.splitlines()) == sorted(f"live: {how}" for how in DONE)
