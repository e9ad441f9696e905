"""Where mutants grow up: a process of its own for each, born with all libraries loaded and all servers running.

To start Python, a PostgreSQL and a provider for every mutant would take most of the time. So they are started once,
here. A child gets the changed code of one function; where a module's own lines are changed, it imports everything anew.
"""

from __future__ import annotations

import ast
import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import json
import os
import select
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import coverage
import hypothesis
import pytest
from prometheus_client import REGISTRY

from connector.demo.launch import running
from tests.proof.mutation.grafting import grafted
from tests.proof.mutation.operators import Mutant
from tests.servers import postgres

_OURS = ("connector", "actions", "schemas", "worker", "tests")
_KEPT = ("tests", "tests.proof")
_PATIENCE_S = 3600.0
_MINE = "tests.proof.mutation"
# What the parent has imported before cannot have its asserts spelt out, and need not.
_UNSPELT = "ignore::pytest.PytestAssertRewriteWarning"
_OPTIONS = ["-x", "-q", "-W", _UNSPELT, "-p", "no:cacheprovider", "--hypothesis-profile=mutation"]


@dataclass(frozen=True)
class Grown:
    """How the tests went: each that passed with its seconds, the one that failed, and the lines each has seen."""

    passed: Mapping[str, float]
    failed: str | None
    #: Path to line to tests; the test "" is the import.
    seen: Mapping[str, Mapping[int, Sequence[str]]]


class Nursery:
    """Grows mutants, one after the other."""

    def __init__(self, fixtures: Mapping[str, Any]) -> None:
        self._fixtures = fixtures

    def warm_up(self, tests: Sequence[str]) -> None:
        """Import here what these tests need, once for all mutants of functions."""
        with open(os.devnull, "w") as nowhere, redirect_stdout(nowhere):
            pytest.main([*_OPTIONS, "--collect-only", *tests])

    def grow(self, tests: Sequence[str], watch: Sequence[str]) -> Grown | None:
        """Run the tests over what there is, and see which lines each of them comes by."""

        def run() -> Any:
            _forget()
            return self._tested(tests, watch)

        answer = in_child(run, _PATIENCE_S)
        return answer and Grown(
            answer["passed"], answer["failed"],
            {path: {int(line): names for line, names in lines.items()} for path, lines in answer["seen"].items()},
        )  # fmt: skip

    def try_out(
        self, module: str, tree: ast.Module, mutant: Mutant, tests: Sequence[str], limit_s: float
    ) -> str | None:
        """The test that a mutant fails, of these in this order; None where it passes them all."""

        def run() -> Any:
            mutant.apply()
            code = compile(ast.fix_missing_locations(tree), str(importlib.util.find_spec(module).origin), "exec")
            if not grafted(module, mutant.place, code):
                _forget()
                sys.meta_path.insert(0, _Instead(module, code))
            return self._tested(tests, ())

        answer = in_child(run, limit_s)
        return "the limit of time" if answer is None else answer["failed"]

    def _tested(self, tests: Sequence[str], watch: Sequence[str]) -> Any:
        watcher = coverage.Coverage(data_file=None, config_file=False, include=list(watch)) if watch else None
        judge = _Judge(self._fixtures, tests, watcher)
        if watcher:
            watcher.start()
        status = pytest.main([*_OPTIONS, *tests], plugins=[judge])
        seen = {}
        if watcher:
            watcher.stop()
            seen = {path: watcher.get_data().contexts_by_lineno(path) for path in watch}
        failed = judge.failed or (None if status == pytest.ExitCode.OK else f"pytest ended with {status!r}")
        return {"passed": judge.passed, "failed": failed, "seen": seen}


@contextmanager
def nursery(folder: Path) -> Iterator[Nursery]:
    """A nursery with its servers, for as long as the block lasts."""
    # One example is enough to kill; the smallest is for people.
    phases = (hypothesis.Phase.explicit, hypothesis.Phase.generate)
    hypothesis.settings.register_profile("mutation", derandomize=True, database=None, deadline=None, phases=phases)
    with postgres() as server, running(folder / "handoffs.jsonl") as recorder:
        os.environ["HEED_TEST_DATABASE_URL"] = server.url()
        template = server.fresh_database()
        migrated = folder / "heed.db"

        def migrate() -> list[str]:
            from connector import bootstrap

            bootstrap.migrate(f"sqlite:///{migrated}")
            bootstrap.migrate(template)
            importlib.import_module("connector.app")
            return [name for name in sys.modules if not name.startswith(_OURS)]

        for name in in_child(migrate, 600.0):
            try:
                importlib.import_module(name)
            except ImportError:
                continue
        yield Nursery({"migrated": migrated, "template": template, "session_recorder": recorder})


class _Judge:
    """Hands the prepared fixtures out, keeps the order asked for, and notes what happened."""

    def __init__(self, fixtures: Mapping[str, Any], order: Sequence[str], watcher: coverage.Coverage | None) -> None:
        self._fixtures = fixtures
        self._order = {name: place for place, name in enumerate(order)}
        self._watcher = watcher
        self.passed: dict[str, float] = {}
        self.failed: str | None = None

    @pytest.hookimpl(tryfirst=True)
    def pytest_fixture_setup(self, fixturedef: Any, request: Any) -> Any:
        if fixturedef.argname not in self._fixtures:
            return None
        value = self._fixtures[fixturedef.argname]
        fixturedef.cached_result = (value, fixturedef.cache_key(request), None)
        return value

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items.sort(key=lambda item: self._order.get(item.nodeid, 0))

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> None:
        if self._watcher:
            self._watcher.switch_context(item.nodeid)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.passed[report.nodeid] = self.passed.get(report.nodeid, 0.0) + report.duration
        if report.failed and self.failed is None:
            self.failed = report.nodeid

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed and self.failed is None:
            self.failed = f"collecting {report.nodeid}"


class _Instead(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports one module from the code it is given."""

    def __init__(self, module: str, code: Any) -> None:
        self._module, self._code = module, code

    def find_spec(self, name: str, path: Any, target: Any = None) -> importlib.machinery.ModuleSpec | None:
        if name != self._module:
            return None
        spec = importlib.machinery.ModuleSpec(name, self, origin=self._code.co_filename)
        spec.has_location = True
        return spec

    def exec_module(self, module: Any) -> None:
        exec(self._code, module.__dict__)  # noqa: S102 - the module's own code, with one change


def _forget() -> None:
    """Let what is ours be imported anew."""
    for name in [one for one in sys.modules if one.split(".")[0] in _OURS]:
        if name not in _KEPT and not name.startswith(_MINE):
            del sys.modules[name]
    for meter in [one for one, names in REGISTRY._collector_to_names.items() if names and names[0].startswith("heed_")]:
        REGISTRY.unregister(meter)


def in_child(work: Callable[[], Any], limit_s: float) -> Any:
    """What it answers (JSON) in a process of its own; None where it takes too long or dies, RuntimeError on a fault."""
    ours, theirs = os.pipe()
    child = os.fork()
    if not child:
        os.close(ours)
        os.setsid()
        quiet = os.open(os.environ.get("HEED_MUTATION_LOG", os.devnull), os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        for stream in (0, 1, 2):
            os.dup2(quiet, stream)
        try:
            answer = json.dumps({"answer": work()})
        except BaseException:
            answer = json.dumps({"fault": traceback.format_exc()})
        with open(theirs, "w") as pipe:
            pipe.write(answer)
        os._exit(0)
    os.close(theirs)
    try:
        told = _read(ours, time.monotonic() + limit_s)
        if told and "fault" in told:
            raise RuntimeError(told["fault"])
        return told and told["answer"]
    finally:
        os.close(ours)
        os.killpg(child, signal.SIGKILL)
        os.waitpid(child, 0)


def _read(pipe: int, end: float) -> Any:
    parts = []
    while (left := end - time.monotonic()) > 0 and select.select([pipe], [], [], left)[0]:
        part = os.read(pipe, 1 << 16)
        if not part:
            return json.loads(b"".join(parts)) if parts else None
        parts.append(part)
    return None
