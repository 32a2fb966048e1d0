"""Loaded by schemathesis: what fits the description is refused for its meaning alone, never for its shape.

Its own check, `positive_data_acceptance`, wants all that fits the schema to be accepted. That fiction needs a premise, or that an
uploaded cover is a picture, no schema can say; such a refusal names a rule. A refusal because of a type, a length, a pattern or a
missing value, however, means that the description is wrong, and is a failure.
"""

# Runs in the environment of `make clients`, where schemathesis is.
# pyright: basic, reportMissingImports=false

import re
from typing import Any

import schemathesis
from schemathesis.core.failures import Failure

SHAPE = ("path.", "query.", "body.", "header.", "cookie.")
# How what is wrong with a shape is told: by pydantic, and for patterns by the API's own words.
WORDS = re.compile(
    r": (Input should|String should|Value should have|Data should|List should|Tuple should|Set should|Dictionary should"
    r"|Field required|Extra inputs|Unable to|JSON |URL |UUID |Decimal |It does not have the form|It holds a control"
    r"|It is empty or holds|It takes small letters|It is no SHA-256|This is no )"
)


@schemathesis.check
def accepted_as_described(ctx: Any, response: Any, case: Any) -> None:
    """Fail where a value of the described shape is refused for its shape."""
    if case.meta is None or not case.meta.generation.mode.is_positive or response.status_code != 422:
        return
    problem = response.json()
    field, detail = problem.get("field") or "", problem.get("detail") or ""
    if f"less than {2**63}" in detail or f"equal to {-(2**63)}" in detail:
        return  # what was sent is beyond the described bound; only as a float it equals it, and so passed for valid
    if field.startswith(SHAPE) and WORDS.search(detail):
        raise Failure(
            operation=case.operation.label,
            title="Refused for its shape, which is as described",
            message=detail,
        )


@schemathesis.serializer("application/zip")
def as_it_is(ctx: Any, value: Any) -> bytes:
    """Whatever was thought up, in place of an archive."""
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogatepass")
