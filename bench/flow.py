"""What a user would build instead: a Node-RED flow that asks its own table before each message, against our workers.

It needs Node.js with npm, which install Node-RED once into var/builders. The two send in turns to one provider that
takes 50 ms. The flow keeps no record of what it sent, and whoever opts out between question and message gets it still.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import psycopg

from bench import crowd, sends, servers
from bench.provider import Provider, provider
from bench.rows import Row
from connector import bootstrap
from connector.embedded import QueueServer
from connector.settings import environment
from tests.builders_live.node_red import NodeRed, node, tab
from tests.builders_live.packages import install
from tests.heed import Heed
from tests.servers import postgres

SECONDS, TURNS = 15.0, 2
#: As many messages as are on their way at once in the flow; more made it no faster.
_AT_ONCE = 128
_PEOPLE = 90_000
_OPENED = "global.set('pool', new pg.Pool({ connectionString: '%s', max: 10 })); node.send([Array(%d).fill({})]);"
_NEXT = """
    const place = context.get('place') || 0;
    context.set('place', place + 1);
    msg.number = '+1' + (2000000000 + 7919 * place);
    const found = await global.get('pool').query('SELECT 1 FROM opt_outs WHERE number = $1', [msg.number]);
    if (found.rowCount) { return [null, msg]; }
    msg.method = 'POST';
    msg.url = '%s';
    msg.headers = { 'content-type': 'application/json' };
    msg.payload = JSON.stringify({ to: msg.number, from: '+15005550006', text: 'Our sale starts today. STOP to end.' });
    return [msg, null];
"""


def rows() -> Iterator[Row]:
    """On PostgreSQL; nothing where there is no npm."""
    if shutil.which("npm") is None:
        print("bench: flow needs Node.js with npm: left out", file=sys.stderr)
        return
    for name in ("node-red", "pg"):
        install(name)
    with (
        tempfile.TemporaryDirectory() as folder, postgres() as server, provider() as target,
        QueueServer(Path(folder) / "queue") as queue,
    ):  # fmt: skip
        url = server.fresh_database()
        bootstrap.migrate(url)
        here = replace(servers.settings(Path(folder), url), redis_url=queue.url, allow_private_targets=True)
        heed = Heed(url, Path(folder))
        try:
            sends.broadcast(heed, target, _PEOPLE)
            _table(url)
            database, ours, flow = servers.postmaster(url), [], []
            for turn in range(TURNS):
                with sends.senders([str(sends.WORKER)], environment(here)) as pids:
                    ours.append(sends.watch(target, pids, SECONDS, database))
                    sends.say("workers", ours[-1])
                with _flow(Path(folder) / f"red-{turn}", url, target) as pid:
                    flow.append(sends.watch(target, [pid], SECONDS, database))
                    sends.say("Node-RED", flow[-1])
        finally:
            heed.close()
    sent, seconds = sum(one.sent for one in flow), sum(one.seconds for one in flow)
    cpu = round(sends.cpu_each(flow) / sends.cpu_each(ours), 2)
    yield Row("flow_ratio", sends.ratio(ours, flow), "x the messages/s of a Node-RED flow with a query each")
    yield Row("flow_cpu_ratio", cpu, "x less CPU a message, database included")
    yield Row("flow_per_s", round(sent / seconds), "messages/s of the flow")


def _table(url: str) -> None:
    """The flow's own list; every tenth person is on it."""
    with psycopg.connect(crowd.plain(url)) as connection:
        connection.execute("CREATE TABLE opt_outs (number text PRIMARY KEY)")
        with connection.cursor().copy("COPY opt_outs FROM STDIN") as copy:
            for place in range(0, _PEOPLE, 10):
                copy.write_row((crowd.number(place),))


@contextmanager
def _flow(folder: Path, url: str, target: Provider) -> Iterator[int]:
    """A Node-RED that sends for as long as the block lasts; its process."""
    red = NodeRed(folder, b"")
    # The driver stands where Node-RED itself would have put it.
    shutil.copytree(install("pg") / "node_modules", folder / "node_modules")
    (folder / "package.json").write_text(json.dumps({"name": "user", "private": True, "dependencies": {"pg": "*"}}))
    red.start()
    try:
        z, driver = tab(), [{"var": "pg", "module": "pg"}]
        ask = node("function", z["id"], func=_NEXT % target.url, outputs=2)
        post = node("http request", z["id"], [ask["id"]], method="use", ret="txt", url="", tls="", persist=True)
        ask["wires"] = [[post["id"]], [ask["id"]]]
        opened = _OPENED % (crowd.plain(url), _AT_ONCE)
        begin = node("function", z["id"], [ask["id"]], func="return null;", outputs=1, initialize=opened, libs=driver)
        red.deploy(z, begin, ask, post)
        yield red.pid
    finally:
        red.stop()
