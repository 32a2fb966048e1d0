"""A text goes to each kind of place once, is found again, brought up to date, and shown before it is sent."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml

from scrivano.core.database import Database
from scrivano.core.errors import InvalidInput, NotAllowed
from scrivano.core.secrets import SecretBox
from scrivano.publishing.dto import (
    Article,
    BeingPublished,
    Citation,
    CredentialsRefused,
    NewTarget,
    Picture,
    TargetChange,
    TargetTaken,
    TargetUnreachable,
    TargetView,
    Unclear,
)
from scrivano.publishing.scripted.ghost import KEY
from scrivano.publishing.scripted.server import ScriptedSites
from scrivano.publishing.scripted.smtp import ScriptedSmtp
from scrivano.publishing.service import Publishing

MARKER = "0199aaaa-0000-7000-8000-000000000001"
PASSWORD = "abcd efgh ijkl mnop qrst uvwx"
DAY = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
BODY = """Tables hold glue.[^1] A claim without a source.[^9]

## Which glue

- hide glue
- fish glue[^2]

| kind | hours |
|------|------:|
| hide | 12 |

<script>alert(1)</script> and [bad](javascript:alert(1)).
"""


def article(**changes: Any) -> Article:
    given: dict[str, Any] = {
        "marker": MARKER,
        "title": "Glue for “old” tables",
        "slug": "glue-for-old-tables",
        "body": BODY,
        "summary": "What holds & what does not.",
        "tags": ("wood & glue", "tables"),
        "date": DAY,
        "updated": DAY,
        "citations": (
            Citation(number=1, url="https://example.org/glue", title="On [glue]"),
            Citation(number=2, url="https://example.org/fish", title="Fish", published="2025-02-03T00:00"),
        ),
    }
    return Article.model_validate({**given, **changes})


@pytest.fixture
async def sites() -> AsyncIterator[ScriptedSites]:
    async with ScriptedSites() as server:
        yield server


@pytest.fixture
def publishing(database: Database, tmp_path: Path) -> Publishing:
    box = SecretBox(b"k" * 32)
    return Publishing(database, secret_box=lambda: box, sites=tmp_path / "sites", patience=5, pauses=(0.0,))


async def wordpress(publishing: Publishing, sites: ScriptedSites, **more: Any) -> TargetView:
    settings = {"url": sites.url, "username": "author", **more}
    return await publishing.add_target(
        NewTarget.model_validate(
            {"name": "wp", "kind": "wordpress", "settings": settings, "secret": PASSWORD}
        )
    )


async def ghost(publishing: Publishing, sites: ScriptedSites) -> TargetView:
    return await publishing.add_target(
        NewTarget.model_validate(
            {"name": "gh", "kind": "ghost", "settings": {"url": sites.url}, "secret": KEY}
        )
    )


async def target(publishing: Publishing, kind: str, **settings: Any) -> TargetView:
    return await publishing.add_target(
        NewTarget.model_validate({"name": f"my-{kind}", "kind": kind, "settings": settings})
    )


async def test_wordpress_gets_one_post_in_blocks_with_tags_and_picture(
    publishing: Publishing, sites: ScriptedSites
) -> None:
    place = await wordpress(publishing, sites)
    picture = Picture(sha256="ab" * 32, media_type="image/png", alt="A pot", data=b"png bytes")
    first = await publishing.publish(place.id, article(picture=picture))
    again = await publishing.publish(place.id, article(picture=picture))
    changed = await publishing.publish(place.id, article(picture=picture, title="Glue", version=2))

    (post,) = sites.wordpress.posts.values()
    assert (first.status, again.remote_id, changed.remote_id) == (
        "published",
        first.remote_id,
        str(post["id"]),
    )
    assert (post["title"], post["status"], post["slug"]) == ("Glue", "publish", "glue-for-old-tables")
    assert post["content"].count("<!-- wp:list-item -->") == 2
    assert '<!-- wp:heading -->\n<h2 class="wp-block-heading">Which glue</h2>' in post["content"]
    assert "<script" not in post["content"] and "javascript:" not in post["content"].replace(
        "(javascript:", ""
    )
    assert 'href="https://example.org/glue"' in post["content"]
    assert "[^9]" not in post["content"]
    assert {t["name"] for t in sites.wordpress.tags.values()} == {"wood &amp; glue", "tables"}
    (media,) = sites.wordpress.media.values()
    assert (post["featured_media"], media["alt_text"]) == (media["id"], "A pot")
    kinds = [event.kind for event in await publishing.history(place.id, MARKER)]
    assert kinds == ["created", "unchanged", "updated"]


async def test_ghost_gets_one_post_with_its_sources_in_a_card(
    publishing: Publishing, sites: ScriptedSites
) -> None:
    place = await ghost(publishing, sites)
    await publishing.publish(place.id, article())
    await publishing.publish(place.id, article(title="Glue", version=2))
    (post,) = sites.ghost.posts.values()
    assert (post["title"], post["status"]) == ("Glue", "published")
    assert "<!--kg-card-begin: html-->" in post["html"]
    assert f"hash-scrivano-post-{MARKER}" in {tag["slug"] for tag in post["tags"]}


@pytest.mark.parametrize("kind", ["wordpress", "ghost"])
async def test_a_server_that_breaks_off_after_accepting_is_found_again(
    publishing: Publishing, sites: ScriptedSites, kind: str
) -> None:
    server: Any = getattr(sites, kind)
    place = await (wordpress if kind == "wordpress" else ghost)(publishing, sites)
    server.accept_then_hang = 1
    view = await publishing.publish(place.id, article())
    assert view.status == "published"
    assert len(server.posts) == 1
    assert [e.kind for e in await publishing.history(place.id, MARKER)] == ["found_again"]


@pytest.mark.parametrize("kind", ["wordpress", "ghost"])
async def test_a_server_that_is_silent_after_accepting_is_found_again(
    database: Database, tmp_path: Path, sites: ScriptedSites, kind: str
) -> None:
    box = SecretBox(b"k" * 32)
    hasty = Publishing(database, secret_box=lambda: box, sites=tmp_path / "sites", patience=2, pauses=(0.0,))
    server: Any = getattr(sites, kind)
    place = await (wordpress if kind == "wordpress" else ghost)(hasty, sites)
    server.accept_in_silence = 1
    view = await hasty.publish(place.id, article())
    assert (view.status, len(server.posts), server.accept_in_silence) == ("published", 1, 0)
    assert [e.kind for e in await hasty.history(place.id, MARKER)] == ["found_again"]
    await hasty.publish(place.id, article(title="Changed"))
    assert len(server.posts) == 1


async def test_a_copy_that_the_record_does_not_know_is_not_made_again(
    publishing: Publishing, sites: ScriptedSites
) -> None:
    place = await wordpress(publishing, sites)
    await publishing.publish(place.id, article())
    await publishing.remove_target(place.id)
    place = await wordpress(publishing, sites)
    await publishing.publish(place.id, article())
    assert len(sites.wordpress.posts) == 1


async def test_a_server_error_while_creating_is_looked_into_and_recorded(
    publishing: Publishing, sites: ScriptedSites
) -> None:
    place = await wordpress(publishing, sites)
    await publishing.publish(place.id, article(tags=()))
    sites.wordpress.posts.clear()
    sites.wordpress.refuse = [504]
    with pytest.raises(Unclear):
        await publishing.publish(place.id, article(tags=(), title="Other"))
    (record,) = await publishing.publications(marker=MARKER)
    assert record.status == "unclear"
    assert (await publishing.publish(place.id, article(tags=(), title="Other"))).status == "published"
    assert len(sites.wordpress.posts) == 1


async def test_a_dry_run_shows_the_very_request_and_changes_nothing(
    publishing: Publishing, sites: ScriptedSites
) -> None:
    place = await wordpress(publishing, sites)
    shown = await publishing.preview(place.id, article(tags=()))
    assert (shown.action, sites.wordpress.posts) == ("create", {})
    assert {method for method, _ in sites.wordpress.asked} == {"GET"}
    assert PASSWORD not in shown.model_dump_json()
    await publishing.publish(place.id, article(tags=()))
    (post,) = sites.wordpress.posts.values()
    assert post["content"] == yaml.safe_load(shown.steps[-1].body)["content"]
    assert (await publishing.preview(place.id, article(tags=()))).action == "nothing"


@pytest.mark.parametrize("kind", ["wordpress", "ghost"])
async def test_wrong_credentials_are_named(publishing: Publishing, sites: ScriptedSites, kind: str) -> None:
    place = await (wordpress if kind == "wordpress" else ghost)(publishing, sites)
    secret = "wrong" if kind == "wordpress" else "abc:00ff"
    await publishing.change_target(place.id, TargetChange(secret=secret))
    with pytest.raises(CredentialsRefused):
        await publishing.publish(place.id, article())
    (record,) = await publishing.publications(marker=MARKER)
    assert record.status == "failed"
    assert record.error


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        ("hugo", "content/posts/glue-for-old-tables.md"),
        ("jekyll", "_posts/2026-03-01-glue-for-old-tables.md"),
        ("astro", "src/content/blog/glue-for-old-tables.md"),
    ],
)
async def test_pages_have_front_matter_and_move_with_their_slug(
    publishing: Publishing, tmp_path: Path, kind: str, path: str
) -> None:
    place = await target(publishing, kind, folder="site")
    await publishing.publish(place.id, article())
    page = tmp_path / "sites" / "site" / path
    _, head, body = page.read_text().split("---\n", 2)
    front = yaml.safe_load(head)
    assert (front["title"], front["scrivano_post"]) == ("Glue for “old” tables", MARKER)
    assert "[^1]: [On \\[glue\\]](<https://example.org/glue>)" in body
    await publishing.publish(place.id, article(slug="glue", version=2))
    pages = [p.name for p in (tmp_path / "sites").rglob("*.md")]
    assert pages == [page.name.replace("glue-for-old-tables", "glue")]


async def test_a_page_that_a_person_moved_stays_where_it_is(publishing: Publishing, tmp_path: Path) -> None:
    place = await target(publishing, "hugo")
    view = await publishing.publish(place.id, article())
    root = tmp_path / "sites" / "my-hugo"
    moved = root / "content" / "posts" / "wood" / "glue.md"
    moved.parent.mkdir()
    (root / str(view.remote_id)).rename(moved)
    await publishing.publish(place.id, article(title="New", version=2))
    assert list(root.rglob("*.md")) == [moved]
    assert "title: New" in moved.read_text()


async def test_a_page_of_somebody_else_is_not_overwritten(publishing: Publishing, tmp_path: Path) -> None:
    place = await target(publishing, "hugo")
    other = tmp_path / "sites" / "my-hugo" / "content" / "posts" / "glue-for-old-tables.md"
    other.parent.mkdir(parents=True)
    other.write_text("mine")
    await publishing.publish(place.id, article())
    assert other.read_text() == "mine"
    assert len(list(other.parent.iterdir())) == 2


async def test_nothing_in_a_text_is_carried_out_by_a_site_generator(
    publishing: Publishing, tmp_path: Path
) -> None:
    body = "{{< readfile >}} {{% raw %}} {{< open {{ site.secret }} {% endraw %}{% include x %}"
    for kind in ("hugo", "jekyll"):
        place = await target(publishing, kind)
        await publishing.publish(place.id, article(body=body))
    hugo, jekyll = (
        next((tmp_path / "sites" / f"my-{k}").rglob("*.md")).read_text() for k in ("hugo", "jekyll")
    )
    assert not re.search(r"\{\{[<%](?!/\*)", hugo)
    assert jekyll.count("{% endraw %}") == 1 and jekyll.endswith("{% endraw %}\n")


async def test_a_feed_holds_its_texts_newest_first(publishing: Publishing, tmp_path: Path) -> None:
    place = await target(publishing, "atom", url="https://example.org", title="Wood", author="R. Amsel")
    await publishing.publish(place.id, article())
    other = article(marker=MARKER[:-1] + "2", title="Later", slug="later", date=DAY.replace(month=4))
    await publishing.publish(place.id, other)
    await publishing.publish(place.id, article(title="Glue", version=2))
    document = await publishing.feed(place.id)
    assert (tmp_path / "sites" / "my-atom" / "feed.xml").read_bytes() == document
    names = {"a": "http://www.w3.org/2005/Atom"}
    root = ElementTree.fromstring(document)
    assert [e.text for e in root.findall("a:entry/a:title", names)] == ["Later", "Glue"]
    assert [e.text for e in root.findall("a:entry/a:published", names)] == [
        "2026-04-01T09:00:00Z",
        "2026-03-01T09:00:00Z",
    ]
    content = root.find("a:entry/a:content", names)
    assert content is not None and content.get("type") == "html" and "<p>" in (content.text or "")


async def newsletter(publishing: Publishing, server: ScriptedSmtp, **more: Any) -> TargetView:
    settings = {
        "host": "127.0.0.1",
        "port": server.port,
        "security": "none",
        "sender": "Wood <news@example.org>",
        "recipients": ["a@example.org", "b@example.org"],
        **more,
    }
    return await target(publishing, "email", **settings)


async def test_each_reader_gets_one_message_in_text_and_html(publishing: Publishing) -> None:
    async with ScriptedSmtp() as server:
        place = await newsletter(publishing, server)
        shown = await publishing.preview(place.id, article())
        assert [step.place for step in shown.steps] == ["a@example.org", "b@example.org"]
        assert server.messages == []
        await publishing.publish(place.id, article())
        await publishing.publish(place.id, article(title="Changed", version=2))
    assert [reader for reader, _ in server.messages] == ["a@example.org", "b@example.org"]
    text = server.messages[0][1].decode()
    assert "multipart/alternative" in text and f"Message-ID: <{MARKER}." in text


async def test_a_message_whose_end_is_unknown_is_not_sent_twice(publishing: Publishing) -> None:
    async with ScriptedSmtp() as server:
        server.accept_then_hang = 1
        place = await newsletter(publishing, server)
        with pytest.raises(Unclear):
            await publishing.publish(place.id, article())
        await publishing.publish(place.id, article())
        assert [reader for reader, _ in server.messages] == ["a@example.org", "b@example.org"]
        last = (await publishing.history(place.id, MARKER))[-1]
        assert "a@example.org" in str(last.detail["notes"])


async def test_a_reader_whom_the_server_does_not_know_does_not_stop_the_others(
    publishing: Publishing,
) -> None:
    async with ScriptedSmtp("news", "secret") as server:
        server.unknown = {"a@example.org"}
        place = await newsletter(publishing, server, username="news")
        with pytest.raises(CredentialsRefused):
            await publishing.publish(place.id, article())
        await publishing.change_target(place.id, TargetChange(secret="secret"))
        await publishing.publish(place.id, article())
    assert [reader for reader, _ in server.messages] == ["b@example.org"]


async def test_a_certificate_is_asked_for_before_a_password_is_sent(publishing: Publishing) -> None:
    async with ScriptedSmtp() as server:
        place = await newsletter(publishing, server, security="starttls")
        with pytest.raises(InvalidInput):
            await publishing.publish(place.id, article())
        assert server.messages == []


async def test_two_at_once_publish_once(publishing: Publishing, sites: ScriptedSites) -> None:
    place = await wordpress(publishing, sites)
    row = await publishing._target(place.id)  # pyright: ignore[reportPrivateUsage]
    await publishing._claimed(row, article(), "one")  # pyright: ignore[reportPrivateUsage]
    with pytest.raises(BeingPublished):
        await publishing.publish(place.id, article(), claimant="two")
    await publishing.publish(place.id, article(), claimant="one")
    assert len(sites.wordpress.posts) == 1


async def test_secrets_stay_inside(publishing: Publishing, sites: ScriptedSites) -> None:
    place = await wordpress(publishing, sites)
    assert PASSWORD not in place.model_dump_json()
    assert place.has_secret
    moved = place.settings.model_copy(update={"url": "http://127.0.0.1:9"})
    with pytest.raises(InvalidInput, match="secret"):
        await publishing.change_target(place.id, TargetChange(settings=moved))
    with pytest.raises(TargetTaken):
        await wordpress(publishing, sites)


async def test_a_site_that_is_not_there_is_named(publishing: Publishing) -> None:
    place = await publishing.add_target(
        NewTarget.model_validate(
            {
                "name": "gone",
                "kind": "ghost",
                "settings": {"url": "http://127.0.0.1:9"},
                "secret": KEY,
            }
        )
    )
    with pytest.raises(TargetUnreachable):
        await publishing.publish(place.id, article())


@pytest.mark.parametrize(
    ("kind", "settings", "error"),
    [
        ("wordpress", {"url": "https://example.org"}, InvalidInput),
        ("wordpress", {"url": "ftp://example.org", "username": "a"}, InvalidInput),
        ("wordpress", {"url": "http://10.0.0.1", "username": "a"}, NotAllowed),
        ("ghost", {"url": "http://169.254.169.254"}, NotAllowed),
        ("ghost", {"url": "https://user:word@example.org"}, InvalidInput),
        ("hugo", {"folder": "../elsewhere"}, InvalidInput),
        ("hugo", {"folder": "/etc"}, InvalidInput),
        ("hugo", {"folder": "a\0b"}, InvalidInput),
        ("email", {"host": "127.0.0.1", "sender": "x", "recipients": ["a@b.c"]}, InvalidInput),
        (
            "email",
            {"host": "127.0.0.1", "sender": "a@b.c", "recipients": ["a@b.c\nBcc: d@e.f"]},
            InvalidInput,
        ),
        ("email", {"host": "10.1.1.1", "sender": "a@b.c", "recipients": ["a@b.c"]}, NotAllowed),
    ],
)
async def test_a_target_that_cannot_be_is_refused(
    publishing: Publishing, kind: str, settings: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        await publishing.add_target(
            NewTarget.model_validate({"name": "x", "kind": kind, "settings": settings, "secret": "a:00"})
        )


async def test_only_who_may_can_point_at_this_machine(publishing: Publishing, sites: ScriptedSites) -> None:
    with pytest.raises(NotAllowed):
        await publishing.add_target(
            NewTarget.model_validate(
                {"name": "x", "kind": "ghost", "settings": {"url": sites.url}, "secret": KEY}
            ),
            private=False,
        )
