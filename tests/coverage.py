"""How much of the package a run of the tests went through, from what SlipCover kept of it.

    python -m tests.coverage FILE [--least PERCENT]

Prints the files with the most lines that no test went through. Ends with 1 where the whole is below `--least`.
"""

import argparse
import json
import sys
from pathlib import Path

SHOWN = 20


def main() -> None:
    """Print the table and judge."""
    parser = argparse.ArgumentParser(description="Coverage of a run of the tests.")
    parser.add_argument("file", type=Path)
    parser.add_argument("--least", type=float, default=0.0, metavar="PERCENT")
    chosen = parser.parse_args()
    measured = json.loads(chosen.file.read_text())
    worst = sorted(measured["files"].items(), key=lambda pair: -pair[1]["summary"]["missing_lines"])
    for name, file in worst[:SHOWN]:
        summary = file["summary"]
        print(f"{summary['missing_lines']:6} lines missed, {summary['percent_covered']:5.1f} %  {name}")
    total = measured["summary"]["percent_covered"]
    print(f"{total:.1f} % of {sum(map(measured['summary'].get, ('covered_lines', 'missing_lines')))} lines")
    if total < chosen.least:
        sys.exit(f"That is less than the {chosen.least:g} % that are asked.")


if __name__ == "__main__":
    main()
