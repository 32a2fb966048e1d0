"""What routes ask for."""

from typing import Annotated

from fastapi import Depends, Query, Request

from scrivano.wiring import House


async def _house(request: Request) -> House:  # Not a plain function: those are called in a thread.
    house: House = request.app.state.house
    return house


Services = Annotated[House, Depends(_house)]
Limit = Annotated[int, Query(ge=1, le=500, description="How many at most.")]
Offset = Annotated[int, Query(ge=0, le=1_000_000, description="How many to skip.")]
