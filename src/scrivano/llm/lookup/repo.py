"""The SQL by which the log is looked through.

The wanted ids are found first, in the index that they are kept in; names and profiles are joined to one page alone, so
that the hundred-thousandth row costs hardly more than the first.
"""

from typing import Any, LiteralString

from scrivano.llm.log.repo import BY_ID
from scrivano.llm.pool import Connection

Row = dict[str, Any]

# The columns and joins by which the log's rows are read, without the one id.
_VIEW: LiteralString = BY_ID.removesuffix(" WHERE q.id = %s")
_WANTED: LiteralString = """
    FROM llm_requests q {profiles}
    WHERE (%(newest)s::uuid IS NULL OR q.id <= %(newest)s::uuid)
        AND (%(since)s::uuid IS NULL OR q.id >= %(since)s::uuid)
        AND (%(person)s::text IS NULL OR q.person = (SELECT id FROM llm_names WHERE name = %(person)s))
        AND (%(project)s::text IS NULL OR q.project = (SELECT id FROM llm_names WHERE name = %(project)s))
        AND (%(run)s::text IS NULL OR q.run = (SELECT id FROM llm_names WHERE name = %(run)s))
        AND (%(status)s::text IS NULL OR q.status = %(status)s)
        {of_profile}
"""
_PROFILES: LiteralString = "JOIN llm_profiles w ON w.id = q.profile"
_OF_PROFILE: LiteralString = """
        AND (%(feature)s::text IS NULL OR w.feature = %(feature)s)
        AND (%(model)s::text IS NULL OR w.model = %(model)s)
"""
_PLAIN: LiteralString = _WANTED.replace("{profiles}", "").replace("{of_profile}", "")
_PROFILED: LiteralString = _WANTED.replace("{profiles}", _PROFILES).replace("{of_profile}", _OF_PROFILE)
_PAGE: LiteralString = (
    " WHERE q.id = ANY(ARRAY(SELECT q.id {wanted} ORDER BY q.id DESC LIMIT %(limit)s OFFSET %(offset)s))"
    " ORDER BY q.id DESC"
)
_PAGE_PLAIN: LiteralString = _VIEW + _PAGE.replace("{wanted}", _PLAIN)
_PAGE_PROFILED: LiteralString = _VIEW + _PAGE.replace("{wanted}", _PROFILED)
_COUNT_PLAIN: LiteralString = (
    "SELECT count(*) AS requests, (SELECT max(id::text) FROM llm_requests) AS newest" + _PLAIN
)
_COUNT_PROFILED: LiteralString = (
    "SELECT count(*) AS requests, (SELECT max(id::text) FROM llm_requests) AS newest" + _PROFILED
)
_FACETS: LiteralString = "SELECT DISTINCT feature, model FROM llm_profiles ORDER BY feature, model LIMIT 2000"


async def page(connection: Connection, wanted: Row) -> list[Row]:
    """One page, newest first, as the log's rows are read."""
    statement = _PAGE_PROFILED if _by_profile(wanted) else _PAGE_PLAIN
    return await (await connection.execute(statement, wanted)).fetchall()


async def count(connection: Connection, wanted: Row) -> Row:
    """How many there are, and the newest of all."""
    statement = _COUNT_PROFILED if _by_profile(wanted) else _COUNT_PLAIN
    rows = await (await connection.execute(statement, wanted)).fetchall()
    return rows[0]


async def facets(connection: Connection) -> list[Row]:
    """The features and models that occur."""
    return await (await connection.execute(_FACETS)).fetchall()


def _by_profile(wanted: Row) -> bool:
    return wanted["feature"] is not None or wanted["model"] is not None
