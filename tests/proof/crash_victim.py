"""The process that dies: a worker or a service of its own over the same database, forked where nothing was open yet."""

import time
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from functools import cache
from multiprocessing.connection import Connection as Line
from pathlib import Path
from typing import Any, cast

from flask import Flask
from werkzeug.test import TestResponse

from connector import bootstrap
from connector.app import create_app
from connector.engine.house import House
from tests.heed import Clock, Heed
from tests.proof import crash_scenes
from tests.proof.crash_mutants import MUTANTS
from tests.proof.crash_points import Points, dying


@cache
def app() -> Flask:
    """The service, without a house yet: made once and forked with the process. Each life puts its own house in."""
    return create_app(cast(House, object()))


@dataclass(frozen=True)
class Life:
    """What a process is to do, and at which point it dies."""

    url: str
    home: Path
    ahead: int
    scene: str
    plan: Mapping[str, Any]
    at: int
    thorough: bool
    mutant: str | None = None


@dataclass
class Victim(Heed):
    """Heed as it is in the process that dies: what it answers is told at once to who is left."""

    line: Line | None = None

    def begin(self) -> None:
        self.house = bootstrap.build(self.settings, role="worker", clock=self.clock)
        self.app = app()
        self.app.extensions["heed"] = self.house

    def call(self, method: str, path: str, body: Any = None, *, key: str | None = None, **headers: str) -> TestResponse:
        called = time.monotonic_ns()
        answer = super().call(method, path, body, key=key, **headers)
        assert self.line is not None
        self.line.send(("answered", called, time.monotonic_ns(), answer.status_code, answer.json))
        return answer


def live(life: Life, line: Line) -> None:
    """Play the scene, and die in it; who comes to its end was not killed."""
    victim = Victim(life.url, life.home, Clock(life.ahead), line=line)
    change = MUTANTS[life.mutant].change(victim.house) if life.mutant else nullcontext()
    points = Points(life.at, line, life.thorough)
    try:
        with change, dying(victim.house.database, points):
            crash_scenes.SCENES[life.scene].play(victim, life.plan)
    except Exception as fault:  # it is who is left that judges
        line.send(("failed", f"{type(fault).__name__}: {fault}"[:300]))
    line.send(("ended", points.passed, dict(points.left)))
    victim.close()
