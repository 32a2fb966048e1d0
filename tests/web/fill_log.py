"""`python -m tests.web.fill_log URL COUNT`: that many rows in the log of requests, each a copy of one that was asked.

For measuring pages over a long log; nothing of it is meant to be kept.
"""

import sys

import psycopg

_COPY = """
    INSERT INTO llm_requests ({columns})
    SELECT {values} FROM (SELECT * FROM llm_requests ORDER BY id DESC LIMIT 1) q, generate_series(1, %s) n
"""
# The time of a UUID of version 7 is its first 48 bits; the copies lie a millisecond apart before the original.
_ID = """
    overlay(q.id::text placing
        substr(lpad(to_hex(('x' || substr(replace(q.id::text, '-', ''), 1, 12))::bit(48)::bigint - n), 12, '0'), 1, 8)
        || '-' || substr(lpad(to_hex(('x' || substr(replace(q.id::text, '-', ''), 1, 12))::bit(48)::bigint - n), 12, '0'), 9, 4)
        from 1 for 13)::uuid
"""


def fill(url: str, count: int) -> int:
    """Add `count` copies of the newest request; gives how many there are then."""
    with psycopg.connect(url, autocommit=True) as connection:
        names = [
            row[0]
            for row in connection.execute(
                "SELECT column_name FROM information_schema.columns WHERE table_name = 'llm_requests'"
                " AND is_generated = 'NEVER' ORDER BY ordinal_position"
            )
        ]
        values = {"id": _ID, "key": "NULL", "previous": "NULL"}
        statement = _COPY.format(
            columns=", ".join(names), values=", ".join(values.get(name, f"q.{name}") for name in names)
        )
        connection.execute(statement.encode(), [count])
        found = connection.execute("SELECT count(*) FROM llm_requests").fetchone()
    assert found is not None
    return int(found[0])


if __name__ == "__main__":
    print(fill(sys.argv[1], int(sys.argv[2])))
