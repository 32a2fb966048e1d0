"""Finished files judged by the rules of their genre, by what the files themselves say they are."""

from typing import Any
from xml.etree import ElementTree as ET

from pydantic import BaseModel

from scrivano.core.errors import InvalidInput
from scrivano.music.checker.check import check_files
from scrivano.music.checker.midi import MidiFacts, UnreadableFile, read_midi
from scrivano.music.checker.musicxml import read_musicxml
from scrivano.music.dto import Mode, Settled
from scrivano.music.progression import read_request, settle
from scrivano.music.theory import METERS, key_of
from scrivano.music.views import BrokenRule


class Judgement(BaseModel):
    """What the files were taken for, and the rules that they break."""

    expected: Settled
    chords: int
    notes: int
    broken: list[BrokenRule]


def judge(midi: bytes, score: bytes, **asked: Any) -> Judgement:
    """The rules that a pair of files breaks. What is not `asked` for is what the files say.

    `asked` are fields of a request (genre, application, key, mode, tempo, meter, bars, form). Raises InvalidInput for
    the fields `midi`, `musicxml`, and `genre` where the score names none.
    """
    try:
        sounds = read_midi(midi)
    except UnreadableFile as problem:
        raise InvalidInput(f"The MIDI file cannot be read: {problem}.", field="midi") from None
    try:
        facts = read_musicxml(score)
    except UnreadableFile as problem:
        raise InvalidInput(f"The score cannot be read: {problem}.", field="musicxml") from None
    said = _said(score)
    given = {name: value for name, value in asked.items() if value is not None}
    if "genre" in given and given["genre"] != said.get("genre"):
        said.pop("application", None)
    wanted: dict[str, Any] = {**_frame(sounds), "bars": facts.bars, **said, **given}
    if "genre" not in wanted:
        raise InvalidInput(
            "The score names no genre.", field="genre", remedy="Name the genre by whose rules it is judged."
        )
    settled = settle(read_request(wanted))
    found = check_files(midi, score, settled)
    return Judgement(
        expected=settled,
        chords=len(facts.chords),
        notes=len(sounds.notes),
        broken=[BrokenRule(rule=one.rule, bar=one.bar, text=one.text) for one in found],
    )


def _said(score: bytes) -> dict[str, Any]:
    fields = ET.fromstring(score).iterfind("identification/miscellaneous/miscellaneous-field")
    told = {field.get("name", ""): (field.text or "").strip() for field in fields}
    return {name: told[name] for name in ("genre", "application") if told.get(name)}


def _frame(sounds: MidiFacts) -> dict[str, Any]:
    found: dict[str, Any] = {}
    meter = sounds.meters[0][1] if sounds.meters else "4/4"
    found["meter"] = meter
    quarters = min(sounds.tempos, default=(0, 120.0))[1]
    compound = meter in METERS and METERS[meter].compound
    found["tempo"] = round(quarters / 1.5 if compound else quarters, 2)
    if sounds.keys:
        name = sounds.keys[0][1]
        mode: Mode = "minor" if name.endswith("m") else "major"
        found |= {"key": str(key_of(name.removesuffix("m")).tonic), "mode": mode}
    return found
