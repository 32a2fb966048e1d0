"""Settles a request: what is given holds, what isn't is read from the description, else the genre's default."""

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, cast

from pydantic import ValidationError

from scrivano.core.errors import InvalidInput
from scrivano.music.dto import Genre, Mode, MusicRequest, Settled
from scrivano.music.genres import GENRES, Application, GenreData
from scrivano.music.progression import words
from scrivano.music.progression.form import form_sections, plan
from scrivano.music.progression.guess import application_score, fits_tempo, genre_scores, number_in
from scrivano.music.theory import key_of, meter_of

LONGEST_DESCRIPTION: Final = 20_000
TEMPO: Final = (30, 320)
BARS: Final = (4, 64)
_FULL_RANGE: Final = (21, 108)
_SMALLEST_RANGE: Final = 24
# What a plain request without a genre gets: the harmony that the others were built on.
DEFAULT_GENRE: Final = Genre.CLASSICAL
_SHAPES: Final = {
    "description": f"a text of at most {LONGEST_DESCRIPTION} characters",
    "genre": "one of " + ", ".join(Genre),
    "application": "a word such as swing or worship",
    "key": "a tonic such as C, F#, Bb or Eb",
    "mode": "major or minor",
    "tempo": f"a number from {TEMPO[0]} to {TEMPO[1]}, in beats a minute",
    "meter": "3/4, 4/4, 6/8, 12/8, 2/2 or 5/4, as the genre admits",
    "bars": f"a whole number from {BARS[0]} to {BARS[1]}",
    "difficulty": "a whole number from 1 to 5",
    "lowest": "a MIDI note from 21 to 60",
    "highest": "a MIDI note from 60 to 108",
    "form": "a form such as AABA or verse-chorus-bridge",
    "seed": "a whole number",
}


def read_request(data: Mapping[str, Any]) -> MusicRequest:
    """A request from what came in from outside. Raises InvalidInput naming the field and what is allowed."""
    cleaned = dict(data)
    if isinstance(cleaned.get("genre"), str):
        cleaned["genre"] = _genre_slug(cleaned["genre"])
    if isinstance(cleaned.get("mode"), str):
        cleaned["mode"] = cleaned["mode"].strip().lower()
    try:
        return MusicRequest.model_validate(cleaned)
    except ValidationError as error:
        raise _invalid(error) from None


def settle(request: MusicRequest) -> Settled:
    """The request with nothing left open.

    What is given wins over the description, which wins over the genre's defaults; `read` names what was taken
    from the description. A key that would need more than seven signs becomes its twin (D♯ major is E♭ major).
    Raises InvalidInput that names the field and what is allowed.
    """
    text = words.normal(request.description[:LONGEST_DESCRIPTION])
    reading = _Reading(request, text)
    genre = reading.genre()
    data = GENRES[genre]
    application = reading.application(data)
    key, mode = reading.key_and_mode(data)
    form = reading.form(data)
    lowest, highest = _range(request)
    meter = reading.meter(data, application)
    bars = reading.bars(data, application, form)
    settled = Settled(
        description=request.description,
        genre=genre,
        application=application.slug,
        key=key,
        mode=mode,
        tempo=reading.tempo(application),
        meter=meter,
        bars=bars,
        difficulty=reading.difficulty(),
        lowest=lowest,
        highest=highest,
        form=form,
        seed=request.seed,
        read=tuple(reading.read),
    )
    plan(settled)
    return settled


@dataclass
class _Reading:
    """One request and its description while it is being settled."""

    request: MusicRequest
    text: str
    read: list[str] = field(default_factory=list[str])

    def _found(self, name: str) -> None:
        self.read.append(name)

    def genre(self) -> Genre:
        request = self.request
        if request.genre is not None:
            return request.genre
        scores = genre_scores(self.text)
        if scores:
            self._found("genre")
            return max(scores, key=lambda g: scores[g])
        if request.application:
            having = [g for g, d in GENRES.items() if _slug(request.application) in d.by_slug]
            if having:
                return having[0]
        if self.text.strip() and words.mostly_foreign(self.text) and words.read_key(self.text) is None:
            raise InvalidInput(
                "The description names no genre that could be read.",
                field="description",
                remedy=f"Name the genre in the field genre ({', '.join(Genre)}), or describe it in English.",
            )
        return DEFAULT_GENRE

    def application(self, data: GenreData) -> Application:
        given = self.request.application
        if given is not None:
            return _application_named(data, given)
        tempo = self.request.tempo or number_in(words.read_tempo(self.text))
        best = max(data.applications, key=lambda a: application_score(self.text, a) + fits_tempo(tempo, a))
        if application_score(self.text, best) > 0:
            self._found("application")
        return best

    def key_and_mode(self, data: GenreData) -> tuple[str, Mode]:
        request, said = self.request, words.read_key(self.text)
        mode, tonic = request.mode, request.key
        if tonic is not None:
            key = key_of(tonic, mode or "major")
            names_mode = key.mode != (mode or "major") or bool(
                re.search(r"(?i)m(?:ajor|inor|aj|in)?$", tonic.strip())
            )
            if mode is not None and key.mode != mode:
                raise InvalidInput(
                    f"The key {tonic} is {key.mode}, but the mode asked for is {mode}.",
                    field="mode",
                    remedy="Give the tonic alone in key, or leave the mode out.",
                )
            if not names_mode and mode is None:
                key = key_of(tonic, self._mode_from_text(said[1] if said and said[0] == tonic else None))
            return str(key.tonic), key.mode
        if said is not None:
            self._found("key")
            key = key_of(said[0], mode or self._mode_from_text(said[1]))
            return str(key.tonic), key.mode
        mode = mode or self._mode_from_text(None)
        return ("C" if mode == "major" else "A"), mode

    def _mode_from_text(self, said_with_key: Mode | None) -> Mode:
        mode = said_with_key or words.read_mode(self.text)
        if mode is not None:
            self._found("mode")
            return mode
        return "minor" if self.request.form == "minor" else "major"

    def tempo(self, application: Application) -> float:
        low, usual, high = application.tempo
        if self.request.tempo is not None:
            return _tempo(self.request.tempo)
        number = words.read_tempo(self.text)
        if number is not None:
            self._found("tempo")
            return _tempo(number)
        marking = words.read_italian(self.text)
        if marking is not None:
            self._found("tempo")
            return float(marking)
        speed = words.read_speed(self.text)
        if speed is not None and not any(
            speed.word in word or word in speed.word for word in application.words
        ):
            self._found("tempo")
            return float(round(low + (high - low) * speed.share))
        return float(usual)

    def meter(self, data: GenreData, application: Application) -> str:
        given = self.request.meter or words.read_meter(self.text)
        if given is None:
            return application.meter if application.meter in data.meters else data.meters[0]
        meter = given.strip().replace(" ", "")
        if meter not in data.meters:
            raise InvalidInput(
                f"{data.title} is not written in {given[:40]} here.",
                field="meter",
                remedy=f"Choose one of {', '.join(data.meters)}.",
            )
        if self.request.meter is None:
            self._found("meter")
        return meter_of(meter).name

    def bars(self, data: GenreData, application: Application, form: str | None) -> int:
        if self.request.bars is not None:
            return _bars(self.request.bars)
        number = words.read_bars(self.text)
        if number is not None:
            self._found("bars")
            return _bars(number)
        choruses = words.read_choruses(self.text)
        if choruses is not None and data.genre is Genre.BLUES:
            self._found("bars")
            return _bars(choruses * (8 if form == "8-bar" else 12))
        if form is None:
            return application.bars
        if data.genre is Genre.BLUES:
            return 8 if form == "8-bar" else 12
        return min(BARS[1], max(8, (4 if form in {"period", "sentence"} else 8) * len(form_sections(form))))

    def form(self, data: GenreData) -> str | None:
        given = self.request.form
        if given is not None:
            return _form(data, given)
        found = words.read_form(self.text, data.forms)
        if found is None or found == "minor" or not _known_form(data, found):
            return None
        self._found("form")
        return found

    def difficulty(self) -> int:
        given = self.request.difficulty
        if given is not None:
            return given
        found = words.read_difficulty(self.text)
        if found is not None:
            self._found("difficulty")
        return found or 3


def _application_named(data: GenreData, given: str) -> Application:
    slug = _slug(given)
    for application in data.applications:
        if slug in {application.slug, _slug(application.title)}:
            return application
    allowed = list(data.by_slug)
    near = difflib.get_close_matches(slug, allowed, 1)
    hint = f" Did you mean {near[0]}?" if near else ""
    raise InvalidInput(
        f"{data.title} has no application “{given[:40]}”.",
        field="application",
        remedy=f"Choose one of {', '.join(allowed)}.{hint}",
    )


def _form(data: GenreData, given: str) -> str:
    text = given.strip()
    upper, lower = text.upper(), re.sub(r"[ _–]+", "-", text.lower())
    for candidate in (text, upper, lower):
        if _known_form(data, candidate):
            return candidate
    raise InvalidInput(
        f"{data.title} has no form “{given[:40]}”.",
        field="form",
        remedy=f"Choose one of {', '.join(data.forms)}"
        + ("." if data.genre is Genre.BLUES else ", or write the sections as letters A to D, such as AABC."),
    )


def _known_form(data: GenreData, form: str) -> bool:
    if form in data.forms:
        return True
    return data.genre is not Genre.BLUES and 1 < len(form) <= 8 and set(form) <= set("ABCD")


def _tempo(given: float | str) -> float:
    try:
        tempo = float(given.replace(",", "") if isinstance(given, str) else given)
    except ValueError:
        tempo = float("nan")
    if not TEMPO[0] <= tempo <= TEMPO[1]:
        raise InvalidInput(
            f"{given if isinstance(given, str) else format(given, 'g')} is not a tempo that can be played.",
            field="tempo",
            remedy=f"Give a number from {TEMPO[0]} to {TEMPO[1]}, in beats a minute.",
        )
    return tempo


def _bars(given: int | str) -> int:
    bars = int(given) if str(given).isdecimal() else -1
    if not BARS[0] <= bars <= BARS[1]:
        raise InvalidInput(
            f"{given} bars cannot be written.",
            field="bars",
            remedy=f"Give a whole number from {BARS[0]} to {BARS[1]}.",
        )
    return bars


def _range(request: MusicRequest) -> tuple[int, int]:
    lowest = request.lowest if request.lowest is not None else _FULL_RANGE[0]
    highest = request.highest if request.highest is not None else _FULL_RANGE[1]
    for name, value, low, high in (("lowest", lowest, 21, 60), ("highest", highest, 60, 108)):
        if not low <= value <= high:
            raise InvalidInput(
                f"{value} is not a note that can be the {name}.",
                field=name,
                remedy=f"Give a MIDI note from {low} to {high}; middle C is 60.",
            )
    if highest - lowest < _SMALLEST_RANGE:
        raise InvalidInput(
            f"From {lowest} to {highest} there is no room for two hands.",
            field="highest",
            remedy=f"Leave at least {_SMALLEST_RANGE} semitones between lowest and highest.",
        )
    return lowest, highest


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.strip().lower()).strip("-")


def _genre_slug(text: str) -> str:
    slug = text.strip().lower()
    for genre, data in GENRES.items():
        if slug in {
            genre.value,
            data.title.lower(),
            genre.value.replace("-", " "),
            genre.value.replace("-", "_"),
        }:
            return genre.value
    return "rnb" if slug in {"r'n'b", "r and b", "r & b", "r-n-b"} else slug


def _invalid(error: ValidationError) -> InvalidInput:
    first = cast("dict[str, Any]", error.errors(include_url=False, include_context=False)[0])
    name = str(first["loc"][0]) if first["loc"] else "request"
    if first["type"] == "extra_forbidden":
        near = difflib.get_close_matches(name, list(MusicRequest.model_fields), 1)
        return InvalidInput(
            f"A request has no field {name[:40]}.",
            field=name[:40],
            remedy=f"Did you mean {near[0]}?" if near else f"It has {', '.join(MusicRequest.model_fields)}.",
        )
    shown = words.normal(str(first["input"]).encode("utf-8", "replace").decode("utf-8"))
    shown = f"“{shown[:40]}”" if len(shown) <= 40 else f"what was given ({len(shown)} characters)"
    return InvalidInput(
        f"The {name} cannot be {shown}.", field=name, remedy=f"Give {_SHAPES.get(name, 'another value')}."
    )
