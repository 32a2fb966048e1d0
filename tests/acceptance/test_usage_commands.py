"""What the command line says of requests, their cost and their texts."""

from collections.abc import Callable

from tests.acceptance.studio import Studio


def test_usage_statistics_and_verification(open_studio: Callable[..., Studio]) -> None:
    place = open_studio(model=True)
    place.run("models", "discover")
    for question in ("one", "two"):
        place.run("ask", question)
    rows = place.json("usage", "show", "--by", "feature", "--step", "all")
    assert [row["attempts"] for row in rows] == [2]
    assert place.json("usage", "statistics")["total"]["finished"] == 2
    assert "small-local" in place.run("usage", "statistics").stdout
    place.run("usage", "reset")
    assert place.json("usage", "statistics")["total"]["attempts"] == 0
    assert "2" in place.run("usage", "show").stdout
    verified = place.json("requests", "verify")
    assert (verified["requests"], verified["whole"], verified["broken"]) == (2, 2, [])
    assert "2 whole" in place.run("requests", "verify", "--days", "1").stdout
