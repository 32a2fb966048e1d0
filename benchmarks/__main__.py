"""`python -m benchmarks [NAME …]`: run all benchmarks, or those named, one after the other."""

import subprocess
import sys
from pathlib import Path

HELPERS = {"databases", "music_band", "music_mutations", "music_people", "music_styles"}


def names() -> list[str]:
    """Every benchmark here, in order of name."""
    found = {path.stem for path in Path(__file__).parent.glob("*.py")}
    return sorted(name for name in found - HELPERS if not name.startswith("_"))


def main() -> int:
    """Run them; the number of those that failed."""
    unknown = set(sys.argv[1:]) - set(names())
    if unknown:
        print(
            f"There is no benchmark {', '.join(sorted(unknown))}. There are: {', '.join(names())}.",
            file=sys.stderr,
        )
        return 2
    failed = 0
    for name in sys.argv[1:] or names():
        print(f"\n== python -m benchmarks.{name}", flush=True)
        failed += subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], check=False).returncode != 0
    return min(failed, 1)


if __name__ == "__main__":
    sys.exit(main())
