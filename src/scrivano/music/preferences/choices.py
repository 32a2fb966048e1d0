"""What a person did with suggested chords, and all that is remembered of it."""

from collections.abc import Sequence
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from scrivano.music.dto import Genre, Mode

Action = Literal["keep", "reject", "edit", "lock"]
MOST_OPTIONS = 20
MOST_CHOICES = 300


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Option(_Frozen):
    """A chord that may come next, and the probability that the predictor gave it."""

    symbol: str
    probability: float = Field(ge=0, le=1)


class Situation(_Frozen):
    """Where a chord was chosen: the key, the chords before it (the last ones are enough), and the genre."""

    key: str
    mode: Mode = "major"
    before: tuple[str, ...] = Field(default=(), max_length=16)
    genre: Genre | None = None


class Choice(_Frozen):
    """One thing that a person did. `options` are the chords that might have come instead, `symbol` among them.

    An `edit` names the chord that was there (`instead_of`) and the one the person wrote.
    """

    id: str
    action: Action
    symbol: str
    situation: Situation
    options: tuple[Option, ...]
    instead_of: str | None = None


class Taste(_Frozen):
    """All that is known of one person: their latest choices, oldest first. It is JSON in, JSON out.

    `shares` is the person's consent to help those who are new to the server; without it nothing leaves this person.
    """

    version: Literal[1] = 1
    shares: bool = False
    choices: tuple[Choice, ...] = ()

    def having(self, choice: Choice) -> "Taste":
        """With one more choice; of the same id only the later is kept, and the oldest go when there are too many."""
        kept = [old for old in self.choices if old.id != choice.id]
        return self.model_copy(update={"choices": (*kept, _trimmed(choice))[-MOST_CHOICES:]})

    def without(self, choice_id: str) -> "Taste":
        """As if the choice had never been made; unchanged where there is none of this id."""
        return self.model_copy(update={"choices": tuple(old for old in self.choices if old.id != choice_id)})

    def export(self) -> dict[str, Any]:
        """Everything that is stored, as plain JSON values."""
        return self.model_dump(mode="json")


def _trimmed(choice: Choice) -> Choice:
    """Only the likeliest options are kept, and the chosen chord is always one of them."""
    best: Sequence[Option] = sorted(choice.options, key=lambda option: -option.probability)[:MOST_OPTIONS]
    have = {option.symbol for option in best}
    needed = [symbol for symbol in (choice.symbol, choice.instead_of) if symbol and symbol not in have]
    known = {option.symbol: option for option in choice.options}
    least = min((option.probability for option in best), default=0.01)
    extra = [known.get(symbol, Option(symbol=symbol, probability=least)) for symbol in needed]
    return choice.model_copy(update={"options": (*best, *extra)})
