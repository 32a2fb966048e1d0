"""Few-shot samples: the nearest first, the same in every process."""

import subprocess
import sys

import pytest

from scrivano.packs.dto import ChapterSample
from scrivano.packs.files import read_pack
from scrivano.packs.likeness import LikenessIndex
from scrivano.packs.models import SampleRow
from scrivano.packs.rows import chapter_sample
from scrivano.packs.service import SHIPPED
from scrivano.packs.text import count_words, sentences, stems, words


def sample(name: str, **given: object) -> ChapterSample:
    fields: dict[str, object] = {
        "id": name,
        "title": name,
        "audience": "beginners",
        "tone": "practical",
        "topics": (),
        "summary": "",
        "text": "",
        "words": 0,
        "hash": name,
    }
    return ChapterSample.model_validate({**fields, **given})


PRICING = sample("pricing", topics=("setting prices",), text="What a price is worth to the buyer.")
SHIPPING = sample("shipping", topics=("parcels",), text="Boxes, parcels, couriers and the price of postage.")
RETURNS = sample("returns", text="When a parcel comes back.", audience="professionals", tone="sober")


def nearest(query: str, *samples: ChapterSample, **by: str) -> list[str]:
    index = LikenessIndex(samples)
    found = index.nearest(query, 9, audience=by.get("audience"), tone=by.get("tone"))
    return [s.id for s in found]


def test_what_it_is_about_counts_more_than_a_word_somewhere() -> None:
    assert nearest("how to price things", SHIPPING, PRICING, RETURNS)[0] == "pricing"
    assert nearest("packing parcels", PRICING, RETURNS, SHIPPING)[0] == "shipping"


def test_readers_and_tone_decide_between_equals() -> None:
    one, two = sample("a", text="lamps"), sample("b", text="lamps", audience="parents", tone="warm")
    assert nearest("lamps", one, two, audience="parents", tone="") == ["b", "a"]
    assert nearest("lamps", one, two, audience="", tone="warm") == ["b", "a"]
    assert nearest("lamps for parents", one, two) == ["b", "a"]
    assert nearest("lamps", one, two) == ["a", "b"]


def test_the_order_of_the_samples_does_not_matter_and_nothing_is_left_out() -> None:
    assert nearest("", RETURNS, SHIPPING, PRICING) == nearest("", PRICING, RETURNS, SHIPPING)
    assert len(nearest("nothing of this", RETURNS, SHIPPING, PRICING)) == 3
    assert LikenessIndex[ChapterSample]([]).nearest("x", 2, audience=None, tone=None) == []


@pytest.mark.parametrize(
    ("domain", "niche", "query"),
    [(path.parts[-3], path.parts[-2], "") for path in sorted(SHIPPED.glob("*/*/chapters"))],
)
def test_each_shipped_chapter_is_nearest_to_its_own_title_and_topics(
    domain: str, niche: str, query: str
) -> None:
    folder = read_pack(SHIPPED / domain)
    samples = [
        chapter_sample(
            SampleRow(
                sample_key=s.key,
                content=s.content.model_dump(),
                content_hash=s.hash,
                words=s.words,
                kind=s.kind,
            )
        )
        for s in folder.samples
        if s.kind == "chapter" and s.niche == niche
    ]
    index = LikenessIndex(samples)
    for wanted in samples:
        asked = f"{query} {wanted.title} {' '.join(wanted.topics)}"
        assert index.nearest(asked, 1, audience=None, tone=None)[0].id == wanted.id


def test_the_order_is_the_same_in_every_process() -> None:
    program = (
        "from scrivano.packs.text import stems; from collections import Counter;"
        "from tests.unit.packs.test_pack_likeness import *;"
        "print(nearest('price parcels for beginners', RETURNS, SHIPPING, PRICING))"
    )
    seen = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(p for p in sys.path if p)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(seen) == 1


def test_words_sentences_and_stems() -> None:
    assert words("Don't re-use “Äpfel”, 3.") == ["don't", "re-use", "äpfel", "3"]
    assert count_words("## A *b* – c | d") == 4
    assert stems("pricing prices priced price") == ["pric"] * 4
    text = "# Title\n\nOne. Two, e.g. this? “Three!” Four\n\n- five\n- six\n\n| a | b |\n"
    assert sentences(text) == ["One.", "Two, e.g. this?", "“Three!”", "Four", "five", "six"]
