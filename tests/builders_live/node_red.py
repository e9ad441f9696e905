"""A real Node-RED in a folder of its own, with our package in it, driven over its Admin API."""

import json
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import requests

from connector.embedded import tied_to_parent
from tests.builders_live.golden import Answer, until
from tests.builders_live.packages import environment, place, program

PATIENCE_S = 180.0
#: Node-RED hands out a node's id with 16 hex digits.
_IDS = iter(f"{number:016x}" for number in range(1, 10_000))


class NodeRed:
    """Up within ``with``; its state is gone with its folder."""

    def __init__(self, folder: Path, package: bytes) -> None:
        self.folder = folder
        self.folder.mkdir(parents=True, exist_ok=True)
        with socket.create_server(("127.0.0.1", 0)) as line:
            self.url = f"http://127.0.0.1:{line.getsockname()[1]}"
        (folder / "package.json").write_text('{"name": "user", "private": true}\n')
        (folder / "heed.tgz").write_bytes(package)
        settings = {
            "uiHost": "127.0.0.1", "uiPort": int(self.url.rpartition(":")[2]), "flowFile": "flows.json",
            "credentialSecret": "only-for-this-test", "telemetry": {"enabled": False, "updateNotification": False},
            "editorTheme": {"tours": False}, "logging": {"console": {"level": "info", "audit": False}},
        }  # fmt: skip
        (folder / "settings.js").write_text(f"module.exports = {json.dumps(settings)};\n")
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        quiet = ["--offline", "--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts", "--loglevel=error"]
        subprocess.run(
            [program("npm"), "install", *quiet, "./heed.tgz"], cwd=self.folder, check=True, timeout=PATIENCE_S
        )
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        script = place("node-red") / "node_modules" / "node-red" / "red.js"
        command = [
            program("node"),
            str(script),
            "--userDir",
            str(self.folder),
            "--settings",
            str(self.folder / "settings.js"),
        ]
        with (self.folder / "node-red.log").open("ab") as log:
            self._process = subprocess.Popen(
                tied_to_parent(command), cwd=self.folder, env=environment("node-red"), stdin=subprocess.DEVNULL,
                stdout=log, stderr=log,
            )  # fmt: skip
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end and self._process.poll() is None:
            try:
                if requests.get(f"{self.url}/flows/state", timeout=2).ok and "Started flows" in self.log():
                    return
            except requests.RequestException:
                pass
            time.sleep(0.1)
        self._process.kill()
        self._process.wait(30)
        raise AssertionError(self.log()[-2000:])

    def stop(self, *, kill: bool = False) -> None:
        """As Ctrl-C or, with ``kill``, the way that leaves no time to say goodbye."""
        assert self._process is not None
        (self._process.kill if kill else self._process.terminate)()
        self._process.wait(30)
        (self.folder / "node-red.log").rename(self.folder / f"node-red.{time.monotonic_ns()}.log")

    def log(self) -> str:
        return (self.folder / "node-red.log").read_text(errors="replace")

    def call(self, method: str, path: str, body: Any = None) -> requests.Response:
        """A call of the Admin API, or of a flow."""
        headers = {"Node-RED-API-Version": "v2", "Accept": "application/json"}
        return requests.request(method, self.url + path, json=body, headers=headers, timeout=60)

    def deploy(self, *nodes: Mapping[str, Any]) -> None:
        """These flows instead of all others, and back when they run: the call is answered before that."""
        before = self.log().count("Started flows")
        answer = self.call("POST", "/flows", {"flows": list(nodes)})
        assert answer.ok, answer.text
        until(lambda: self.log().count("Started flows") > before)


def service(server: str, key: str, callback: str) -> dict[str, Any]:
    return {
        "id": next(_IDS), "type": "heed-service", "name": "", "server": server, "callback": callback,
        "credentials": {"key": key},
    }  # fmt: skip


def tab() -> dict[str, Any]:
    return {"id": next(_IDS), "type": "tab", "label": "Test", "disabled": False, "info": ""}


def node(type: str, z: str, wires: Sequence[str] = (), **values: Any) -> dict[str, Any]:
    return {"id": next(_IDS), "type": type, "z": z, "name": "", "x": 200, "y": 100, "wires": [list(wires)], **values}


def row(name: str, type: str, value: str) -> dict[str, str]:
    """A filled field of an action node, as its dialog keeps it."""
    return {"name": name, "type": type, "value": value}


def action(z: str, of: str, name: str, rows: Sequence[Mapping[str, str]], wires: Sequence[str]) -> dict[str, Any]:
    return node("heed-action", z, wires, service=of, action=name, title=name, version=1, fields=list(rows))


def flow(path: str, z: str, of: str, name: str, rows: Sequence[Mapping[str, str]]) -> list[dict[str, Any]]:
    """POST ``path`` runs an action and answers what came out of it; a refusal is caught and answered, too."""
    answer = node("http response", z, statusCode="")
    tell = node("change", z, [answer["id"]], rules=[
        {"t": "set", "p": "headers", "pt": "msg", "to": '{"x-replayed": $string(replayed), "x-shown": error.message}',
         "tot": "jsonata"},
    ])  # fmt: skip
    act = action(z, of, name, rows, [tell["id"]])
    caught = node("catch", z, [tell["id"]], scope=[act["id"]], uncaught=False)
    keyed = node("change", z, [act["id"]], rules=[
        {"t": "set", "p": "idempotency_key", "pt": "msg", "to": "req.headers.idempotency-key", "tot": "msg"},
    ])  # fmt: skip
    given = node("http in", z, [keyed["id"]], url=path, method="post", upload=False)
    return [given, keyed, act, caught, tell, answer]


def asked(red: NodeRed, path: str, body: Any, key: str | None = None) -> Answer:
    """What a flow answered."""
    headers = {"Idempotency-Key": key} if key else {}
    answer = requests.post(red.url + path, json=body, headers=headers, timeout=60)
    shown = answer.headers.get("x-shown", "")
    return Answer(answer.status_code, answer.json(), shown, answer.headers.get("x-replayed") == "true")
