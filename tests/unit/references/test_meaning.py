"""Static vectors: near for what means the same, the same every time, nothing for nothing."""

import numpy as np

from scrivano.references.public import meanings


def test_words_of_one_field_are_nearer_than_words_of_two() -> None:
    surgeon, doctor, fuel, diesel = meanings(["surgeon", "doctor", "fuel", "diesel"])
    assert surgeon @ doctor > surgeon @ fuel
    assert fuel @ diesel > fuel @ doctor


def test_rows_have_length_one_and_are_the_same_every_time() -> None:
    texts = ["The lamp house burnt down in March.", "Größe 🙂 第三章", "x" * 10_000]
    rows = meanings(texts)
    assert np.allclose(np.linalg.norm(rows, axis=1), 1.0, atol=1e-5)
    assert (rows == meanings(texts)).all()
    assert (rows[:1] == meanings(texts[:1])).all()


def test_a_text_without_a_word_points_nowhere() -> None:
    assert not meanings(["", " ", "—", "🙂", "_*_"]).any()
    assert meanings([]).shape == (0, 256)
