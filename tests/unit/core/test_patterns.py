import re

import pytest

from scrivano.core.patterns import late


def test_a_late_pattern_is_compiled_at_first_use() -> None:
    pattern = late(r"(?P<n>\d+)", re.IGNORECASE)
    assert [match["n"] for match in pattern.finditer("3 and 44")] == ["3", "44"]
    assert pattern.search("none") is None and pattern.sub("#", "a1") == "a#"
    assert pattern.flags & re.IGNORECASE


def test_an_error_shows_at_first_use() -> None:
    pattern = late("(")
    with pytest.raises(re.error):
        pattern.search("")
