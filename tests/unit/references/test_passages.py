from hypothesis import given
from hypothesis import strategies as st

from scrivano.references.public import PassageIndex, Reference, passages_of, split_passages, terms

TEXT = """# Worms and Compost

An opening paragraph
over two lines.

## Feeding the bin

Chop the scraps.

- peel
- tea leaves

  still tea
- coffee

| what | how much |
|------|----------|
| peel | a handful |

### Never

> Meat, said the neighbour.

```
# not a heading
```

Harvest
=======

Twice a year.
"""


def reference(text: str = TEXT) -> Reference:
    return Reference(
        name="worms.md",
        title="Worms and Compost",
        media_type="text/markdown",
        sha256="0" * 64,
        words=1,
        text=text,
    )


def test_passages_stand_under_their_headings() -> None:
    passages = split_passages(reference())
    assert [(p.kind, p.headings) for p in passages] == [
        ("paragraph", []),
        ("paragraph", ["Feeding the bin"]),
        ("list", ["Feeding the bin"]),
        ("table", ["Feeding the bin"]),
        ("quote", ["Feeding the bin", "Never"]),
        ("code", ["Feeding the bin", "Never"]),
        ("paragraph", ["Harvest"]),
    ]
    assert [p.id for p in passages][:2] == ["worms.md#1", "worms.md#2"]
    assert passages[2].text.endswith("- coffee")


@given(st.text(alphabet=st.sampled_from(list("ab #-*>|`=~1.\n\t[]:")), max_size=300))
def test_offsets_point_at_the_text(text: str) -> None:
    end = 0
    for passage in passages_of("x", "X", text):
        assert text[passage.start : passage.end] == passage.text
        assert passage.start >= end
        end = passage.end


def test_search_finds_by_stem_and_by_heading() -> None:
    index = PassageIndex(split_passages(reference()))
    assert index.search("chopping scrap", 3)[0].passage.text == "Chop the scraps."
    assert index.search("harvesting", 1)[0].passage.text == "Twice a year."
    assert index.search("astronomy") == []


def test_terms_meet_across_endings() -> None:
    for one, other in [
        ("automate", "automation"),
        ("replies", "reply"),
        ("running", "runs"),
        ("categories", "category"),
        ("organised", "organization"),
        ("boxes", "box"),
        ("requests", "request"),
        ("child's", "child"),
    ]:
        assert terms(one) == terms(other), (one, other)
    assert terms("the of and") == []
    assert len(terms("机器学习")) == 4
