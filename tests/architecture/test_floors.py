"""Who may import whom. This table is the architecture; a breach names its line.

A module answers to the row with the longest matching name, and a module without a row is red: whoever adds
a floor decides here what it may see.
"""

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.architecture.sources import called_name, calls, module_name, production_files, read

OURS = {"actions", "bench", "connector", "schemas", "tests", "worker"}
#: Of the standard library, these do I/O that belongs to one floor; they need permission as a library does.
GUARDED = {"smtplib", "sqlite3"}
STDLIB = sys.stdlib_module_names - GUARDED
#: `domain` decides from facts it is given: no clock, no chance, no I/O.
IMPURE = {
    *("asyncio", "http", "io", "logging", "multiprocessing", "os", "pathlib", "random", "secrets", "shutil"),
    *("socket", "subprocess", "tempfile", "threading", "time"),
}
IMPURE_CALLS = {"now", "open", "today", "urandom", "utcnow", "uuid1", "uuid4", "uuid7"}


@dataclass(frozen=True)
class Floor:
    """One row: the modules named so or below, and what they may import beside the standard library."""

    name: str
    ours: str = ""
    libraries: str = ""


FLOORS = [
    Floor("connector.domain", "connector.domain", "email_validator idna jmespath phonenumbers"),
    Floor("connector.sdk", "connector.domain"),
    Floor("schemas", "schemas connector.domain", "marshmallow"),
    Floor("actions", "connector.sdk schemas connector.domain"),
    Floor("connector.store", "connector.store connector.domain", "alembic orjson psycopg sqlalchemy sqlite3"),
    Floor(
        "connector.providers",
        "connector.providers connector.domain connector.uptime",
        "cryptography requests smtplib urllib3",
    ),
    Floor(
        "connector.engine",
        "connector.engine connector.domain connector.sdk connector.store connector.uptime schemas.events",
        "argon2 cryptography itsdangerous jsonschema jsonschema_rs orjson prometheus_client referencing structlog",
    ),
    Floor("connector.builders", "connector.builders connector.sdk schemas", "apispec"),
    Floor(
        "connector.web",
        "connector.web connector.engine schemas connector.builders connector.domain",
        "flask itsdangerous markupsafe marshmallow orjson structlog werkzeug",
    ),
    Floor("connector.settings", "", "environs marshmallow"),
    Floor("connector.logs", "connector.domain", "orjson structlog"),
    Floor("connector.queue", "connector.settings", "redis rq structlog"),
    Floor("connector.jobs", "connector.bootstrap connector.engine connector.domain", "structlog"),
    Floor("worker", "connector.bootstrap connector.jobs connector.logs connector.queue connector.settings", "redis rq"),
    Floor(
        "connector.bootstrap",
        "connector.domain connector.engine connector.sdk connector.store connector.providers "
        "connector.builders connector.queue connector.settings actions schemas",
        "structlog",
    ),
    Floor(
        "connector.app",
        "connector.bootstrap connector.web connector.settings connector.embedded connector.limits connector.logs",
        "flask",
    ),
    Floor(
        "connector.cli",
        "connector.bootstrap connector.commands connector.settings connector.supervisor connector.demo "
        "connector.domain connector.logs",
        "click orjson rich",
    ),
    # What a command does goes through the house; pages, resources and packages are read as the web reads them.
    Floor(
        "connector.commands",
        "connector.commands connector.bootstrap connector.settings connector.domain connector.engine connector.web "
        "connector.builders schemas",
        "click orjson rich",
    ),
    # The processes of `heed up`: it starts them and asks them over HTTP whether they are ready.
    Floor("connector.supervisor", "connector.embedded connector.limits connector.settings", "requests"),
    # The demo stands outside and speaks HTTP, as a builder would.
    Floor("connector.demo", "connector.demo connector.embedded connector.settings", "requests rich"),
    Floor("connector.embedded"),
    Floor("connector.limits"),
    Floor("connector.uptime"),
]

MODULES = [(module_name(file), file) for file in production_files()]


def imports(module: str, source: str) -> Iterator[tuple[int, str]]:
    """Every module or name that is imported, with its line; a relative one keeps its dots: no row has any."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            origin = "." * node.level + (f"{node.module}." if node.module else "")
            yield from ((node.lineno, origin + alias.name) for alias in node.names)
    for call in calls(source):
        dynamic = called_name(call) in {"__import__", "import_module"}
        if dynamic and call.args and isinstance(call.args[0], ast.Constant):
            yield call.lineno, str(call.args[0].value)


def lies_in(target: str, place: str) -> bool:
    return target == place or target.startswith(f"{place}.")


def floor_of(module: str) -> Floor | None:
    """The row a module answers to."""
    return max((floor for floor in FLOORS if lies_in(module, floor.name)), key=lambda f: len(f.name), default=None)


def breaches(module: str, source: str) -> list[str]:
    """What a module imports and may not, as sentences."""
    floor = floor_of(module)
    if floor is None:
        return [f"{module}: stands on no floor; add a row for it"]
    return [
        f"{module}:{line} imports {target}" for line, target in imports(module, source) if not may_import(floor, target)
    ]


def may_import(floor: Floor, target: str) -> bool:
    library = target.partition(".")[0]
    if library in OURS:
        return any(lies_in(target, place) for place in floor.ours.split())
    return library in STDLIB or library in floor.libraries.split()


def impurities(module: str, source: str) -> list[str]:
    """What a module takes from the clock, from chance or from outside."""
    imported = [
        f"{module}:{line} imports {target}"
        for line, target in imports(module, source)
        if target.partition(".")[0] in IMPURE
    ]
    called = [
        f"{module}:{call.lineno} calls {called_name(call)}"
        for call in calls(source)
        if called_name(call) in IMPURE_CALLS
    ]
    return imported + called


@pytest.mark.parametrize(("module", "file"), [row for row in MODULES if row[0] != "connector"], ids=str)
def test_a_module_imports_only_what_its_floor_may_see(module, file):
    assert breaches(module, read(file)) == []


def test_the_domain_knows_no_clock_no_chance_and_no_outside():
    domain = [(module, file) for module, file in MODULES if lies_in(module, "connector.domain")]

    assert [fault for module, file in domain for fault in impurities(module, read(file))] == []


@pytest.mark.parametrize(
    "source",
    ["import time", "from os import environ", "datetime.now(UTC)", "key = uuid.uuid4()", "open('words.csv')"],
)
def test_the_check_for_purity_bites(source):
    assert len(impurities("connector.domain.consent", source)) == 1


def test_the_connector_package_itself_stays_empty():
    """Whatever stood there would run, and import, before every part of the house."""
    assert [read(file) for module, file in MODULES if module == "connector"] == [""]


def test_only_bootstrap_names_actions_providers_and_store_together():
    parts = ("actions", "connector.providers", "connector.store")

    naming_all = [
        module
        for module, file in MODULES
        if all(any(lies_in(target, part) for _, target in imports(module, read(file))) for part in parts)
    ]

    assert naming_all == ["connector.bootstrap"]


@pytest.mark.parametrize(
    ("library", "owners"),
    [
        ("rq", {"connector.queue", "connector.jobs", "worker"}),
        ("sqlalchemy", {"connector.store"}),
        ("psycopg", {"connector.store"}),
        ("sqlite3", {"connector.store"}),
        ("alembic", {"connector.store"}),
        ("flask", {"connector.web", "connector.app"}),
        ("click", {"connector.cli", "connector.commands"}),
        ("prometheus_client", {"connector.engine.meters", "connector.engine.operations"}),
    ],
)
def test_a_library_stays_with_its_owner(library, owners):
    """The table says so too; this keeps a row from being widened without a thought."""
    users = {
        module for module, file in MODULES if any(lies_in(target, library) for _, target in imports(module, read(file)))
    }

    assert {user for user in users if not any(lies_in(user, owner) for owner in owners)} == set()


@pytest.mark.parametrize(
    ("module", "source", "target"),
    [
        # an upper floor
        ("connector.domain.consent", "from connector.engine import claim", "connector.engine.claim"),
        # the same, spelled in every way Python knows
        ("connector.domain.consent", "import connector.engine.claim as c", "connector.engine.claim"),
        ("connector.domain.consent", "from . import errors", ".errors"),
        ("connector.domain.consent", "from .errors import Fault", ".errors.Fault"),
        ("connector.domain.consent", "def f():\n    import connector.store.tables", "connector.store.tables"),
        ("actions.x", "import importlib\nimportlib.import_module('connector.store')", "connector.store"),
        # one module of a package may be seen and its neighbour not
        ("connector.engine.notify", "from schemas import resources", "schemas.resources"),
        # a name that only begins alike
        ("actions.add_to_opt_out", "from connector.sdk_internals import x", "connector.sdk_internals.x"),
        # the package itself would bring everything along
        ("connector.web.actions", "import connector", "connector"),
        # libraries: not in the row, guarded in the standard library, ours but not production
        ("connector.engine.claim", "from sqlalchemy import select", "sqlalchemy.select"),
        ("connector.web.health", "import sqlite3", "sqlite3"),
        ("connector.queue", "from tests.servers import postgres", "tests.servers.postgres"),
    ],
)
def test_the_check_bites(module, source, target):
    assert [breach.rpartition(" ")[2] for breach in breaches(module, source)] == [target]


def test_what_a_floor_may_see_is_not_a_breach():
    source = "import dataclasses\nfrom schemas import events\nfrom schemas.events import Event\nimport structlog"

    assert breaches("connector.engine.notify", source) == []


def test_a_module_without_a_floor_is_a_breach():
    assert breaches("connector.helpers", "") == ["connector.helpers: stands on no floor; add a row for it"]
