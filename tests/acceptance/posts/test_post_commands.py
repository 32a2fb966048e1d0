"""`scrivano post`, from an idea to a page on disk."""

from collections.abc import Callable

from tests.acceptance.studio import Studio
from tests.integration.posts.post_room import script


def test_a_post_is_made_on_the_command_line(open_studio: Callable[..., Studio]) -> None:
    place = open_studio(script())
    place.run("post", "add-target", "site", "--kind", "hugo")
    post = place.json("post", "new", "Which glue holds an old table", "--target", "site")["id"]
    place.run("post", "source", post, "https://example.org/hide", "--title", "Hide glue")
    waiting = place.json("post", "run", post)
    assert waiting["run"]["waiting_for"] == "outline"
    place.run("runs", "approve", waiting["run"]["id"], "outline", "--reject")
    done = place.json("post", "run", post, "--unattended")
    assert (done["post"]["stage"], done["publications"][0]["status"]) == ("publish", "published")
    (page,) = (place.home / "sites" / "site").rglob("*.md")
    assert "https://example.org/hide" in page.read_text()
    refused = place.run("post", "move", post, check=False)
    assert refused.returncode == 2
    assert "last stage" in refused.stderr
