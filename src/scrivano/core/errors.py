"""The root of the one error tree.

    ScrivanoError
    ├── PersonError            the person can mend it: HTTP 4xx, exit code 2
    │   ├── InvalidInput       400/422: a field is wrong; `field` names it
    │   ├── NotFound           404
    │   ├── Conflict           409: somebody else changed it first, or it is in the wrong state
    │   ├── NotAllowed         403
    │   └── LimitReached       402/429: a budget or rate limit holds it back
    └── OperationalError       the machine or the program has to mend it: HTTP 5xx, exit code 1
        ├── Unavailable        503: try later
        └── DiskFull           507

Features add their own classes below these in their `dto.py`, one class per reason to act differently.
The docstring of a class is its message when none is given.
"""

from typing import ClassVar


class ScrivanoError(Exception):
    """Something went wrong."""

    status: ClassVar[int] = 500
    exit_code: ClassVar[int] = 1
    code: ClassVar[str] = "error"

    def __init__(
        self, message: str | None = None, *, field: str | None = None, remedy: str | None = None
    ) -> None:
        """`message` says what is wrong and where, `field` which input is at fault, `remedy` what to do."""
        self.message = message or (type(self).__doc__ or "").strip().splitlines()[0]
        self.field = field
        self.remedy = remedy
        super().__init__(self.message)

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if "code" not in cls.__dict__:
            cls.code = _kebab(cls.__name__)

    def __str__(self) -> str:
        parts = [self.message]
        if self.field:
            parts.insert(0, f"{self.field}:")
        if self.remedy:
            parts.append(self.remedy)
        return " ".join(parts)


def _kebab(name: str) -> str:
    return "".join(f"-{c.lower()}" if c.isupper() else c for c in name).lstrip("-")


class PersonError(ScrivanoError):
    """The request cannot be carried out as it was given."""

    status = 400
    exit_code = 2


class InvalidInput(PersonError):
    """The input is not valid."""

    status = 422


class NotFound(PersonError):
    """There is no such thing."""

    status = 404


class Conflict(PersonError):
    """It was changed in the meantime, or is not in a state that allows this."""

    status = 409


class NotAllowed(PersonError):
    """This is not allowed."""

    status = 403


class LimitReached(PersonError):
    """A budget or rate limit holds this back."""

    status = 402


class OperationalError(ScrivanoError):
    """Scrivano could not do this."""


class Unavailable(OperationalError):
    """A part that is needed does not answer at the moment."""

    status = 503


class DiskFull(OperationalError):
    """The disk is full."""

    status = 507
