"""What of an edit a model can learn from."""

from scrivano.training.public import changed_paragraphs


def test_corrections_are_paired_and_additions_left_out() -> None:
    before = "The bench is high.\n\nA lamp is there.\n\nThe end."
    after = "The bench is ninety centimetres high.\n\nA lamp is there.\n\nThe end.\n\nQuite another thought."
    assert changed_paragraphs(before, after) == [
        ("The bench is high.", "The bench is ninety centimetres high.")
    ]


def test_another_text_altogether_is_no_correction() -> None:
    assert changed_paragraphs("The bench is high.", "zzz qqq xxx 1234567890") == []
    assert changed_paragraphs("Same.", "Same.") == []
