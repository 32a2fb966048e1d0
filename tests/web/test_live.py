"""The page of a book that is being written, through reloads, a lost network and a killed server.

RELOADS=100 tests/web/test_live.py takes the full measure.
"""

import os
import subprocess
from collections import Counter
from pathlib import Path

from scrivano.core.postgres import EmbeddedPostgres
from tests.acceptance.studio import studio
from tests.conftest import make_clone
from tests.web.served import DONE, WEB, free_port, need_browser, serve, stop

SIZES = ("wide", "phone")


def test_no_word_is_lost_or_doubled(
    tmp_path: Path, postgres_server: EmbeddedPostgres, template_database: str
) -> None:
    need_browser()
    tmp_path.chmod(0o755)
    port = free_port()
    # The first answer waits in its middle until the page was looked at often enough, and later for good: it never ends
    # before the server is killed. The one that is asked for after that goes to its end, quickly.
    asked = [{"pattern": rf"late, {size}\.[\s\S]*Write chapter"} for size in SIZES]
    rules = [
        *(
            {"match": match, "times": 1, "hold_after": 700, "hold": size, "hang_after": 1200}
            for match, size in zip(asked, SIZES, strict=True)
        ),
        *({"match": match, "tokens_per_second": 400} for match in asked),
    ]
    script = {"tokens_per_second": 60, "rule": rules}
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
    # Each answer was under way when the server was killed, and was given whole by the next one.
    outcomes = Counter(entry.outcome for entry in house.model.ledger.entries if entry.rule is not None)
    assert outcomes["cut"] == len(SIZES)
    assert sorted(output.splitlines()) == sorted(f"live: {how}" for how in DONE)
