"""The laws of the house that import-linter cannot state, read off the import graph and the syntax trees."""

import ast
from pathlib import Path

import grimp
import pytest

SOURCE = Path(__file__).parents[2] / "src" / "scrivano"
FREE = {"core"}  # shared ground: every module of it may be imported
EDGES = {"wiring", "gatehouse", "worker", "migrations"}
# A program of its own, which the command line starts; not part of the contract of `llm`.
SCRIPTED_SERVER = "scrivano.llm.scripted.server"


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    return grimp.build_graph("scrivano", cache_dir=None)


def _room(module: str) -> str:
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else ""


def test_other_rooms_are_entered_through_public_alone(graph: grimp.ImportGraph) -> None:
    trespasses = [
        f"{importer} imports {imported}"
        for importer in graph.modules
        for imported in graph.find_modules_directly_imported_by(importer)
        if _room(importer) != _room(imported)
        and _room(imported) not in FREE | {"", "api", "cli", "wiring", "gatehouse", "worker"}
        and _room(importer) not in EDGES
        and not imported.endswith(".public")
        and imported != SCRIPTED_SERVER
    ]
    assert not trespasses, "\n".join(sorted(trespasses))


def test_no_module_takes_part_in_an_import_cycle(graph: grimp.ImportGraph) -> None:
    cyclic = [
        module
        for module in graph.modules
        if any(
            graph.chain_exists(importer=imported, imported=module)
            for imported in graph.find_modules_directly_imported_by(module)
        )
    ]
    assert not cyclic, "\n".join(sorted(cyclic))


SQL_FREE = ("sqlalchemy", "psycopg")
# Where a connection itself is the subject (locks that it holds, channels that it listens on), or tables are declared.
SQL_HOMES = {
    "models.py",
    "repo.py",
    "core/database.py",
    "core/postgres.py",
    "core/migrate.py",
    "events/listener.py",
    "llm/log/instance.py",
    "runs/recovery.py",
    "runs/schema.py",
}


def _files() -> list[Path]:
    return sorted(SOURCE.rglob("*.py"))


def _names_a_query(call: ast.Call) -> bool:
    """Whether what is executed is a query that stands in a repository: `execute(repo.NAME, …)`."""
    query = call.args[0] if call.args else None
    return isinstance(query, ast.Attribute) and isinstance(query.value, ast.Name) and query.value.id == "repo"


def test_sql_is_written_in_repositories_alone() -> None:
    offenders: list[str] = []
    for path in _files():
        relative = path.relative_to(SOURCE)
        if (
            {path.name, str(relative)} & SQL_HOMES
            or relative.parts[0] == "migrations"
            or path.stem.startswith("repo")
        ):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in {"execute", "scalar", "scalars", "exec_driver_sql"}
                and not _names_a_query(node)
            ):
                offenders.append(f"{relative}:{node.lineno}")
    assert not offenders, "\n".join(offenders)


def test_the_environment_is_read_in_settings_alone() -> None:
    offenders: list[str] = []
    for path in _files():
        relative = path.relative_to(SOURCE)
        if str(relative) == "core/settings.py":
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Attribute) or node.attr not in {"environ", "getenv"}:
                continue
            if isinstance(node.value, ast.Name) and node.value.id == "os":
                offenders.append(f"{relative}:{node.lineno}")
    assert not offenders, "\n".join(offenders)


def test_functions_import_nothing_but_optional_software_in_providers() -> None:
    """Heavy libraries may be imported late anywhere; our own modules only at the top, edges excepted."""
    offenders: list[str] = []
    for path in _files():
        relative = path.relative_to(SOURCE)
        if relative.parts[0] in {"cli", "wiring.py", "gatehouse.py", "worker.py", "__main__.py"}:
            continue
        for function in ast.walk(ast.parse(path.read_text())):
            if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            for node in ast.walk(function):
                if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("scrivano"):
                    offenders.append(f"{relative}:{node.lineno}")
    assert not offenders, "\n".join(offenders)
