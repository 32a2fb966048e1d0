"""`scrivano openapi`: the interface as a document."""

import sys

import orjson


def openapi() -> None:
    """Print the OpenAPI document of the REST API."""
    from scrivano.api.app import make_app

    document = make_app(None).openapi()
    sys.stdout.buffer.write(orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS) + b"\n")
