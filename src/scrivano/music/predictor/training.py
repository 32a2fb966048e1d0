"""Training from corpora that a person names; run as a program, it makes the shipped model anew."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from scrivano.music.predictor.corpus import BILLBOARD, Song, read_corpus
from scrivano.music.predictor.model import SHIPPED, ChordPredictor, fingerprint

STYLES = BILLBOARD.with_name("styles.jsonl.gz")
"""Progressions made from the genres' own vocabulary, for the genres of which there is no free corpus."""


def train_from(paths: Sequence[Path], out: Path, extra: Sequence[Song] = (), seed: int = 0) -> ChordPredictor:
    """Train on the shipped corpus, the named ones and `extra` songs, and write the model to `out`.

    A song with a `genre` also shapes what is suggested in that genre. Raises `CorpusError` for a file that
    cannot be read, before anything is written.
    """
    named = [song for path in paths for song in read_corpus(path)]
    shipped = read_corpus(BILLBOARD)
    model = ChordPredictor.train([*shipped, *named, *extra], seed, styles=read_corpus(STYLES))
    model.about["billboard"] = fingerprint(song for song in shipped if song.events)
    model.save(out)
    return model


def main() -> None:
    """`python -m scrivano.music.predictor.training [--out FILE] [CORPUS ...]`"""
    parser = argparse.ArgumentParser(description="Train the next-chord predictor.")
    parser.add_argument("corpora", nargs="*", type=Path, help="JSON-lines files of songs, plain or gzipped")
    parser.add_argument("--out", type=Path, default=SHIPPED)
    chosen = parser.parse_args()
    train_from(chosen.corpora, chosen.out)


if __name__ == "__main__":
    main()
