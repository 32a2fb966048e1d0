"""Spans by OpenTelemetry. They go wherever the process that embeds Scrivano sends them; by default nowhere."""

from collections.abc import Generator
from contextlib import contextmanager

from opentelemetry import trace


@contextmanager
def span(name: str, **attributes: str | int | float | bool | None) -> Generator[trace.Span]:
    """A span around the block, a child of the one it is called in.

    Attributes that are None are left out; of a name, `__` becomes a dot. An exception is recorded and goes on.
    """
    known = {key.replace("__", "."): value for key, value in attributes.items() if value is not None}
    with trace.get_tracer("scrivano").start_as_current_span(name, attributes=known) as started:
        yield started
