import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrivano.references.public import split_sentences


@pytest.mark.parametrize(
    "sentences",
    [
        ["Dr. Alba met Mr. J. Weir at 5 p.m. on Friday.", "They talked."],
        ["It costs 3.50 a piece, e.g. Brazil nuts.", "Prices vary."],
        ['"Stop!" he said.', '"Why?" she asked.'],
        ["He said, “Leave it.”", "Nobody moved."],
        ["Well... maybe not.", "Wait…", "The door opened."],
        ["See Fig. 3 and No. 12 for details.", "Both are old."],
        ["Use tools such as hammers, saws, etc.", "The rest is in the shed."],
        ["Mix it (see chap. 2. There is more. Really.) and wait.", "Done."],
        ["Open https://example.org/a.b?c=d.", "Now."],
        ["Das kommt z. B. am 3. Mai vor.", "Danach nicht mehr."],
        ["Version 2.0.1 is out!", "Is it good?", "Yes."],
        ["In 2019 there were 12.", "They had been 40 in the year 2000.", "Nobody counts now."],
        ["Call `a. B. c` first.", "Then **stop.**", "Go on."],
        ["¿Quién llama?", "¡Nadie!", "Así es."],
        ["The U.S. economy grew.", "It shrank in the U.K.", "The cause is known."],
        ["He and I.", "You came."],
    ],
)
def test_splits_where_a_reader_would(sentences: list[str]) -> None:
    assert split_sentences(" ".join(sentences)) == sentences


def test_wide_signs_need_no_space() -> None:
    assert split_sentences("今日は晴れ。明日は雨？「はい。」彼は言った。") == [
        "今日は晴れ。",
        "明日は雨？",
        "「はい。」",
        "彼は言った。",
    ]


@given(st.text(alphabet=st.sampled_from(list('aB .!?…"”()`[]1\n。e')), max_size=200))
def test_nothing_is_lost_or_added(text: str) -> None:
    sentences = split_sentences(text)
    assert all(s == s.strip() and s for s in sentences)
    assert "".join("".join(sentences).split()) == "".join(text.split())
