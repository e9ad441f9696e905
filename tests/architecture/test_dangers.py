"""R18: what nobody writes here. Ruff's security rules and bandit see the rest; an exception to them has its reason."""

import ast
import re
from collections.abc import Callable, Iterator

import pytest

from tests.architecture.sources import called_name, production_files, read

#: Who may speak HTTP: providers, who check the target first, and what only ever calls this machine.
HTTP = ("connector/providers/", "connector/demo/", "connector/supervisor.py")
_REQUESTS = ("get", "post", "put", "patch", "delete", "head", "options", "request", "Session", "session")
QUEUE = ("connector/queue.py",)
#: Where SQL is put together, always from names of our own tables and numbers of our own.
SQL = (
    "connector/store/among.py", "connector/store/bulk.py", "connector/store/database.py", "connector/store/exports.py",
    "connector/store/fence.py", "connector/store/place.py", "connector/store/schedule.py",
    "connector/store/migrations/",
)  # fmt: skip
#: Compared where nobody outside waits for the answer: the verifying of history, and a command of the operator.
UNTIMED = ("connector/engine/seal.py", "connector/commands/secret.py")
_SECRET = re.compile(r"signature|digest|hmac|(^|_)mac($|_)|password|secret")


def unverified(tree: ast.AST) -> Iterator[ast.AST]:
    """Certificates that are not looked at."""
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg == "verify" and _is_false(node.value):
            yield node.value
        if isinstance(node, ast.Assign) and _is_false(node.value):
            yield from (one for one in node.targets if isinstance(one, ast.Attribute) and one.attr == "verify")


def requested(tree: ast.AST) -> Iterator[ast.AST]:
    """HTTP by the library itself, past the check of targets."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = node.func.value
            if isinstance(owner, ast.Name) and owner.id == "requests" and node.func.attr in _REQUESTS:
                yield node


def queues(tree: ast.AST) -> Iterator[ast.AST]:
    """A queue with another serializer would run whatever stands in Redis."""
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call) and called_name(node) == "Queue")


def built_sql(tree: ast.AST) -> Iterator[ast.AST]:
    """SQL from pieces: an f-string, a sum or a format() that is handed to a database."""
    for node in ast.walk(tree):
        plain = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "text"
        if plain or (isinstance(node, ast.Call) and called_name(node) in ("execute", "exec_driver_sql")):
            yield from (one for one in node.args[:1] if _is_built(one))


def compared(tree: ast.AST) -> Iterator[ast.AST]:
    """Secrets compared so that the time it takes tells how much of them was right."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare) and any(isinstance(one, ast.Eq | ast.NotEq) for one in node.ops):
            sides = [node.left, *node.comparators]
            named = any(_SECRET.search(_name(side)) for side in sides)
            if named and not any(isinstance(side, ast.Constant) for side in sides):
                yield node


def _is_false(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and node.value is False


def _is_built(node: ast.AST) -> bool:
    formats = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format"
    return formats or isinstance(node, ast.JoinedStr | ast.BinOp)


def _name(node: ast.AST) -> str:
    return getattr(node, "attr", "") or getattr(node, "id", "") or ""


Rule = Callable[[ast.AST], Iterator[ast.AST]]
# the rule, the files that may
RULES: list[tuple[Rule, tuple[str, ...]]] = [
    (unverified, ()),
    (requested, HTTP),
    (queues, QUEUE),
    (built_sql, SQL),
    (compared, UNTIMED),
]


@pytest.mark.parametrize(("rule", "allowed"), RULES, ids=lambda one: getattr(one, "__name__", ""))
def test_r18_nobody_writes_it(rule: Rule, allowed: tuple[str, ...]) -> None:
    files = [str(file) for file in production_files()]
    found = [
        f"{file}:{node.lineno}"  # type: ignore[attr-defined]
        for file in files
        if not file.startswith(allowed or "-")
        for node in rule(ast.parse(read(file)))
    ]

    assert len(files) > 250
    assert found == []


# the rule, what it must find
BITES: list[tuple[Rule, str]] = [
    (unverified, "post(url, verify=False)"),
    (unverified, "session.verify = False"),
    (requested, "requests.get(url)"),
    (requested, "with requests.Session() as s: ..."),
    (queues, "Queue('heed', connection=redis)"),
    (queues, "rq.Queue('heed')"),
    (built_sql, "connection.execute(text(f'SELECT {name}'))"),
    (built_sql, "connection.exec_driver_sql('DELETE FROM ' + table)"),
    (built_sql, "connection.execute('SELECT {}'.format(name))"),
    (compared, "signature == expected"),
    (compared, "if given != self.signature: ..."),
    (compared, "message.hexdigest == wanted"),
]


@pytest.mark.parametrize(("rule", "source"), BITES)
def test_r18_the_rules_bite(rule: Rule, source: str) -> None:
    assert len(list(rule(ast.parse(source)))) == 1


# the rule, what it must leave alone
RIGHT: list[tuple[Rule, str]] = [
    (unverified, "post(url, verify=True)"),
    (requested, "requests.RequestException"),
    (queues, "queue(name)"),
    (built_sql, "connection.execute(select(users).where(users.c.id == number))"),
    (built_sql, "connection.execute(text('SELECT 1'))"),
    (compared, "hmac.compare_digest(signature, expected)"),
    (compared, "kind == 'signature'"),
]


@pytest.mark.parametrize(("rule", "source"), RIGHT)
def test_r18_the_rules_leave_the_right_way_alone(rule: Rule, source: str) -> None:
    assert list(rule(ast.parse(source))) == []
