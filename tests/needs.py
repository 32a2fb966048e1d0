"""Says which system packages the tests would like to have and this machine lacks."""

import shutil
import sys

NEEDS = {
    "java": ("openjdk-17-jre-headless", "EPUB files are checked with epubcheck"),
    "pdftoppm": ("poppler-utils", "PDF pages are rendered and looked at"),
    "chromium": ("chromium", "people's journeys through the studio are taken in a browser"),
    "node": ("nodejs npm", "the studio is built and its journeys are taken (Node 20 or newer)"),
    "fluidsynth": ("fluidsynth fluid-soundfont-gm", "arrangements are rendered to audio"),
}


def missing() -> dict[str, tuple[str, str]]:
    """The commands that are not there, with their package and what they are for."""
    return {command: need for command, need in NEEDS.items() if shutil.which(command) is None}


if __name__ == "__main__":
    for command, (package, purpose) in missing().items():
        print(
            f"{command} is missing, so the tests are skipped where {purpose}: apt-get install {package}",
            file=sys.stderr,
        )
