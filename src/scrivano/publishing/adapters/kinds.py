"""Which kind of place is which file, and which settings it needs."""

from collections.abc import Callable
from dataclasses import dataclass

from scrivano.publishing.adapters.atom import Atom
from scrivano.publishing.adapters.base import Adapter, Tools
from scrivano.publishing.adapters.email import Email
from scrivano.publishing.adapters.front_matter import FrontMatter
from scrivano.publishing.adapters.ghost import Ghost
from scrivano.publishing.adapters.wordpress import WordPress
from scrivano.publishing.dto import Kind

_FILES = ("folder", "url", "visibility", "author")


@dataclass(frozen=True, slots=True)
class KindSpec:
    """A kind of place. `secret` says what its secret is, if it has one."""

    title: str
    open: Callable[[Tools], Adapter]
    settings: tuple[str, ...]
    required: tuple[str, ...] = ()
    secret: str | None = None
    secret_needed: bool = False


KINDS: dict[Kind, KindSpec] = {
    "hugo": KindSpec("Files for Hugo", FrontMatter, _FILES),
    "jekyll": KindSpec("Files for Jekyll", FrontMatter, _FILES),
    "astro": KindSpec("Files for Astro", FrontMatter, _FILES),
    "wordpress": KindSpec(
        "WordPress",
        WordPress,
        ("url", "username", "visibility", "markup", "categories"),
        ("url", "username"),
        "An application password, from the user's profile.",
        True,
    ),
    "ghost": KindSpec(
        "Ghost",
        Ghost,
        ("url", "visibility"),
        ("url",),
        "An Admin API key, from a custom integration.",
        True,
    ),
    "atom": KindSpec("Atom feed", Atom, ("folder", "url", "title", "author", "entries")),
    "email": KindSpec(
        "Newsletter by e-mail",
        Email,
        ("host", "port", "security", "username", "sender", "recipients", "title"),
        ("host", "sender", "recipients"),
        "The user's password at the mail server.",
    ),
}
