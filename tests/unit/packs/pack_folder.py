"""A small, sound pack to start from: every niche trained, no finding."""

from pathlib import Path

_NOUNS = (
    "lamp",
    "wick",
    "flame",
    "glass",
    "stand",
    "oil",
    "brush",
    "cord",
    "shade",
    "switch",
    "socket",
    "plug",
)
_VERBS = ("clean", "check", "turn", "hold", "lift", "dry", "trim", "test", "mark", "press", "twist", "wipe")
_PLACES = ("bench", "window", "shelf", "cellar", "garden", "porch", "market", "kitchen", "attic", "hall")


def write(folder: Path, *, chapters: int = 5, outlines: int = 2, slug: str = "lamps") -> Path:
    """Write a pack with one niche, `care`, below `folder`; returns the pack's folder."""
    pack = folder / slug
    for name in ("outlines", "chapters"):
        (pack / "care" / name).mkdir(parents=True)
    keywords = ", ".join(f'"{word}"' for word in _NOUNS[:9])
    (pack / "pack.toml").write_text(
        f'format = 1\nslug = "{slug}"\nname = "Lamps"\nicon = "lamp"\norder = 7\nversion = "1.0.0"\n'
        'language = "en"\nlicense = "CC-BY-4.0"\ndescription = "All about lamps."\n\n'
        '[[niche]]\nslug = "care"\nname = "Care"\nicon = "brush"\ndescription = "Keeping them lit."\n'
        f"keywords = [{keywords}]\n"
    )
    for number in range(outlines):
        outline(pack, number)
    for number in range(chapters):
        chapter(pack, number)
    return pack


def outline(pack: Path, number: int) -> Path:
    """Add an outline sample; each number gives another one."""
    points = ", ".join(
        f'"{_VERBS[(number + i) % 12]} the {_NOUNS[(3 * number + i) % 12]} near the '
        f'{_PLACES[(5 * number + i) % 10]} twice"'
        for i in range(4)
    )
    path = pack / "care" / "outlines" / f"plan-{number}.toml"
    path.write_text(
        f'title = "Plan {number}"\nsubtitle = ""\naudience = "beginners"\ntone = "practical"\n'
        f'summary = "A book about {_NOUNS[number]}s."\n\n[[chapter]]\ntitle = "The {_NOUNS[number]}"\n'
        f'summary = "What it does."\npoints = [{points}]\n'
    )
    return path


def body(number: int, sentences: int = 120) -> str:
    """Four sections of prose in which no sentence stands twice."""
    lines: list[str] = []
    for i in range(sentences):
        n = number * sentences + i
        verb, noun, place = _VERBS[n % 12], _NOUNS[(n // 12) % 12], _PLACES[(n // 7) % 10]
        lines.append(f"You {verb} the {noun} {n} beside the {place} {n}.")
    quarter = sentences // 4
    sections = [" ".join(lines[i * quarter : (i + 1) * quarter]) for i in range(4)]
    return "An introduction to lamps.\n\n" + "\n\n".join(
        f"## Section {number}{i}\n\n{text}" for i, text in enumerate(sections)
    )


def chapter(pack: Path, number: int, text: str | None = None, **head: str) -> Path:
    """Add a chapter sample; each number gives another one."""
    fields = {
        "title": f'"Lamp {number}"',
        "audience": '"beginners"',
        "tone": '"practical"',
        "topics": '["one", "two", "three", "four"]',
        "summary": '"How it is done."',
        **head,
    }
    path = pack / "care" / "chapters" / f"chapter-{number}.md"
    lines = "\n".join(f"{key} = {value}" for key, value in fields.items())
    path.write_text(f"+++\n{lines}\n+++\n{text or body(number)}\n")
    return path
