"""Markdown as clean HTML, in blocks, as plain text, and inert for site generators."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scrivano.core.errors import NotAllowed
from scrivano.publishing.adapters.front_matter import inert
from scrivano.publishing.adapters.ghost import admin_token
from scrivano.publishing.adapters.wordpress import blocks
from scrivano.publishing.html import cited, plain_text, sanitize, to_html, with_notes
from scrivano.publishing.public import Article, Citation

DAY = datetime(2026, 1, 1, tzinfo=UTC)


def article(body: str) -> Article:
    source = Citation(number=1, url="https://example.org/?a=1&b=<2>", title="A `title`")
    return Article(marker="m", title="T", slug="t", body=body, date=DAY, updated=DAY, citations=(source,))


@pytest.mark.parametrize(
    ("dirty", "clean"),
    [
        ("<script>x</script>a", "a"),
        ('<a href="javascript:x">a</a>', "<a>a</a>"),
        ('<a href=" java\tscript:x">a</a>', "<a>a</a>"),
        ('<a href="//evil.org">a</a>', "<a>a</a>"),
        ('<p onclick="x" style="x">a', "<p>a</p>"),
        ("<svg><script>x</script></svg>a", "a"),
        ('<img src="data:x" alt="a">', '<img alt="a" />'),
        ("<b>a</b> & b", "a &amp; b"),
        ("<em>a", "<em>a</em>"),
        ("a</p>", "a"),
        ('<td style="text-align:right">1</td>', '<td style="text-align:right">1</td>'),
        ('<td style="text-align:right;x:url(y)">1</td>', "<td>1</td>"),
    ],
)
def test_only_what_a_text_needs_is_left(dirty: str, clean: str) -> None:
    assert sanitize(dirty) == clean


@given(st.text(max_size=200))
@settings(max_examples=100, deadline=None, derandomize=True)
def test_whatever_is_written_no_script_comes_out(text: str) -> None:
    html = to_html(article(text))
    assert "<script" not in html.lower()
    assert sanitize(html) == html


def test_marks_become_notes_with_their_sources_alone() -> None:
    given = article("A.[^1] B.[^2]\n\n[^1]: A false note")
    text = with_notes(given)
    assert "[^2]" not in text and "false" not in text
    assert cited(text) == [1]
    assert "https://example.org/?a=1&amp;b=2" in to_html(given)


def test_blocks_hold_the_same_text() -> None:
    text = (
        "## A\n\nB\n\n1. one\n2. two\n   - three\n\n> q\n\n```\ncode\n```\n\n---\n\n|a|\n|-|\n|b|\n\nC.[^1]"
    )
    made = blocks(article(text))
    assert plain_text(sanitize(made)).split() == plain_text(to_html(article(text))).split()
    for kind in ("heading", "paragraph", "list", "list-item", "quote", "code", "separator", "table", "html"):
        assert made.count(f"<!-- wp:{kind} ") == made.count(f"<!-- /wp:{kind} -->") > 0, kind


@given(st.text(alphabet="{}<>%/* rawend", max_size=60))
@settings(max_examples=200, deadline=None, derandomize=True)
def test_no_short_code_and_no_tag_is_left_to_run(text: str) -> None:
    import re

    hugo = inert(text, "hugo")
    assert not re.search(r"\{\{[<%](?!/\*)", hugo)
    jekyll = inert(text, "jekyll")
    if re.search(r"\{\{|\{%", text):
        assert len(re.findall(r"\{%-?\s*endraw\s*-?%\}", jekyll)) == 1


def test_a_token_is_signed_as_ghost_wants_it() -> None:
    token = admin_token("abc:00ff", 1_700_000_000)
    assert token.count(".") == 2
    assert token != admin_token("abc:00fe", 1_700_000_000)
    with pytest.raises(NotAllowed, match="id:secret"):
        admin_token("nonsense", 1)
