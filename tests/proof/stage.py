"""One run: a scene on a database, with or without a mutant, through many schedules."""

import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from connector import bootstrap
from tests.heed import Heed
from tests.proof.mutants import MUTANTS
from tests.proof.points import Recorder, halting
from tests.proof.scenes import Judgement, Scene
from tests.proof.scheduler import Stage
from tests.proof.schedules import Every, count
from tests.servers import Databases, fast_place

#: After so many schedules that break the promise there is no doubt that a mutant is caught.
ENOUGH = 25


def run(
    heed: Heed, scene_name: str, steps: Mapping[str, int], schedules: Iterable[str], mutant: str | None = None
) -> dict[str, Any]:
    """Play these, with a mutant until it is caught often enough; the row of the report."""
    house, recorder, judgement, began = heed.house, Recorder(), Judgement(), time.monotonic()
    scene = Scene(heed, scene_name, steps, recorder)
    house.incarnations.token()
    change = MUTANTS[mutant].change(house) if mutant else nullcontext()
    played = infeasible = 0
    try:
        with change, halting(house, recorder) as waits:
            stage = Stage(scene.actors, waits)
            for schedule in schedules:
                one = scene.play(schedule, stage, judgement)
                played += one.infeasible is None
                infeasible += one.infeasible is not None
                if isinstance(schedules, Every):
                    schedules.learn(one)
                if mutant and judgement.violations >= ENOUGH:
                    break
    finally:
        scene.close()
    every = schedules if isinstance(schedules, Every) else None
    return {
        "database": "sqlite" if house.database.is_sqlite else "postgresql", "scene": scene_name, "mutant": mutant,
        "steps": dict(steps), "schedules": count(steps) if every else played + infeasible,
        "played": played, "infeasible": every.infeasible if every else infeasible, "same": every.same if every else 0,
        "violations": judgement.violations, "kinds": dict(judgement.kinds), "faults": dict(judgement.faults),
        "sent": judgement.sent, "opted_out": judgement.opted_out, "overlaps": judgement.overlaps,
        "vacuous": judgement.is_vacuous, "examples": judgement.examples,
        "seconds": round(time.monotonic() - began, 1),
    }  # fmt: skip


@contextmanager
def house_on(engine: str, server: Databases, wait_s: float = 3.0) -> Iterator[Heed]:
    """A Heed over an empty database of this kind."""
    home = Path(tempfile.mkdtemp(prefix="heed-proof-", dir=fast_place()))
    url = f"sqlite:///{home / 'heed.db'}" if engine == "sqlite" else server.fresh_database()
    bootstrap.migrate(url)
    heed = Heed(url, home, wait_s=wait_s)
    try:
        yield heed
    finally:
        heed.close()
        if engine != "sqlite":
            server.drop_database(url)
        shutil.rmtree(home, ignore_errors=True)
