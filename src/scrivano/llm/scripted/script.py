"""What a scripted model is told: the script file.

slots = 4                     # requests served at once; others wait in order of arrival
tokens_per_second = 50        # 0: as fast as it goes
seed = 1                      # another seed, other answers
models = ["small", "large"]
context_length = 32768

[[rule]]                      # the first rule that matches and is not used up applies
match = { pattern = "chapter 3", contains = "…", model = "large", schema = "BookOutline" }
times = 2                     # only for the first two requests that match
times_per_request = 1         # or: only the first time that each distinct request comes
prose = true                  # the reply: prose of the length asked, `text`, `json` or `tool_calls`
length_factor = 0.2
cut_after = 40                # and what goes wrong
"""

import re
import tomllib
from pathlib import Path
from typing import Any, Literal

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, ValidationError, field_validator

from scrivano.core.errors import InvalidInput


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Match(_Part):
    """All that is given must hold; an empty one matches everything."""

    pattern: str | None = Field(
        default=None,
        validation_alias=AliasChoices("pattern", "purpose"),
        description="A regular expression searched for in the text of all messages.",
    )
    contains: str | None = Field(default=None, description="Text that some message contains.")
    model: str | None = Field(default=None, description="The model's name, exactly.")
    schema_name: str | None = Field(
        default=None,
        validation_alias=AliasChoices("schema", "schema_name"),
        description="The name of the JSON schema asked for.",
    )
    prefilled: bool | None = Field(default=None, description="Whether the answer's beginning is given.")
    path: str | None = Field(
        default=None, description="The kind of request: `chat`, `embeddings`, `images`, `search`."
    )

    @field_validator("pattern")
    @classmethod
    def _compiles(cls, value: str | None) -> str | None:
        if value is not None:
            re.compile(value)
        return value


class Rule(_Part):
    """How to answer what matches. Without a reply the model answers as it would without a rule."""

    match: Match = Match()
    times: int | None = Field(default=None, ge=1, description="Only for the first so many that match.")
    times_per_request: int | None = Field(
        default=None, ge=1, description="Only the first so many times that the very same request comes."
    )

    text: str | None = Field(default=None, description="Answer with exactly this.")
    prose: bool = Field(
        default=False, description="Answer with prose, even where a JSON schema was asked for."
    )
    json_value: Any = Field(
        default=None,
        validation_alias=AliasChoices("json", "json_value"),
        description="Answer with this as JSON; true: make it up from the schema asked for.",
    )
    tool_calls: list[dict[str, Any]] | None = Field(
        default=None, description="Call these tools: `name` and `arguments` (a table)."
    )

    words: int | None = Field(default=None, ge=1, description="Length of prose, whatever was asked.")
    length_factor: float = Field(default=1.0, gt=0, description="Prose of so many times the length asked.")
    early_stop: float | None = Field(
        default=None, gt=0, lt=1, description="Stop after this share of the answer and claim `stop`."
    )
    finish_reason: Literal["stop", "length", "tool_calls", "content_filter"] | None = None
    wrap_json: bool = Field(default=False, description="Put the answer in a fence, with prose around.")
    leak: bool = Field(default=False, description="Add phrases meant for the person who asked.")
    garbage: bool = Field(
        default=False, description="Answer with what is no JSON and no HTTP body one expects."
    )

    goes_on: Literal["well", "unasked", "anew", "chatty"] = Field(
        default="well",
        description="Asked for the rest of an answer: as asked; without the words that it was to begin with; with "
        "all of the answer; behind a preface.",
    )

    delay: float = Field(default=0.0, ge=0, description="Seconds before the response's headers.")
    first_token_delay: float = Field(default=0.0, ge=0, description="Seconds before the first token.")
    tokens_per_second: float | None = Field(default=None, ge=0)
    cut_after: int | None = Field(
        default=None, ge=0, description="Reset the connection after so many tokens."
    )
    hang_after: int | None = Field(default=None, ge=0, description="Fall silent after so many tokens.")
    stall_after: int | None = Field(default=None, ge=1, description="Pause after so many tokens.")
    stall: float = Field(default=0.0, ge=0, description="Seconds of that pause.")
    hold_after: int | None = Field(
        default=None, ge=1, description="Wait after so many tokens until `hold` is released."
    )
    hold: str = Field(
        default="all",
        pattern=r"^[\w-]+$",
        description="What `POST /release/{hold}` lets go, once and for all, with every rule that has this name.",
    )
    hang: bool = Field(default=False, description="Never answer at all.")
    reset: bool = Field(default=False, description="Reset the connection before the headers.")
    status: int | None = Field(default=None, ge=400, le=599, description="Refuse with this HTTP status.")
    retry_after: float | None = Field(
        default=None, ge=0, description="With `status`: the Retry-After header."
    )
    error_code: str | None = Field(
        default=None, description="With `status`: e.g. `context_length_exceeded`, `content_filter`."
    )
    error_message: str | None = None
    no_done: bool = Field(default=False, description="Stream without the closing `[DONE]`.")
    cached_tokens: int = Field(
        default=0, ge=0, description="So many of the prompt's tokens are reported as read from a cache."
    )
    cache_write_tokens: int = Field(default=0, ge=0, description="And so many as written into one.")
    reasoning_tokens: int = Field(
        default=0,
        ge=0,
        description="So many tokens are reported as thought before the answer, in addition to it.",
    )
    usage: dict[str, Any] | None = Field(
        default=None, description="Report this as usage (OpenAI's format), whatever was taken and given."
    )
    counts_as_it_goes: bool = Field(
        default=False, description="Report the usage so far with each piece (OpenAI's format)."
    )
    no_usage: bool = Field(default=False, description="Do not report usage.")
    malformed_chunk: bool = Field(default=False, description="Send a broken event in the middle of a stream.")


class Script(_Part):
    """A whole script."""

    slots: int | None = Field(default=None, ge=1)
    tokens_per_second: float = Field(default=0.0, ge=0)
    seed: int = 0
    models: list[str] = Field(default_factory=lambda: ["scripted"], min_length=1)
    context_length: int = Field(default=32768, ge=16)
    embedding_dimensions: int = Field(default=256, ge=1)
    api_key: str | None = Field(default=None, description="Refuse requests that do not bear it.")
    rules: list[Rule] = Field(default_factory=list[Rule], validation_alias=AliasChoices("rule", "rules"))


def read_script(source: "Script | dict[str, Any] | Path | str | None") -> Script:
    """A script from a TOML file, a table or nothing. Raises InvalidInput that names file and field."""
    if isinstance(source, Script):
        return source
    where = "the script"
    try:
        if isinstance(source, (str, Path)):
            where = str(source)
            source = tomllib.loads(Path(source).read_text(encoding="utf-8"))
        return Script.model_validate(source or {})
    except OSError as error:
        raise InvalidInput(f"{where} cannot be read: {error.strerror}.", field="script") from error
    except tomllib.TOMLDecodeError as error:
        raise InvalidInput(f"{where} is no valid TOML: {error}.", field="script") from error
    except (ValidationError, re.error) as error:
        raise InvalidInput(
            f"{where}: {_first(error)}", field="script", remedy="See the rules' fields."
        ) from error


def _first(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        return f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"
    return str(error)
