"""Clients that generators make of the OpenAPI document: they compile, and they run the actions of a running Heed."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.builders_live.golden import NUMBER, Answer, Story
from tests.builders_live.packages import place, program

Call = Callable[[dict[str, Any]], Any]
HERE = Path(__file__).parent
STRICT = ("--strict", "--noUncheckedIndexedAccess", "--module", "nodenext", "--moduleResolution", "nodenext")
#: Contents that the generator of Python has no name for; there is another way into each of these calls.
UNKNOWN = {"text/csv", "application/x-ndjson", "*/*"}


def ran(command: list[str], folder: Path, **more: str) -> str:
    """What a program says; it has to end well."""
    done = subprocess.run(
        command, cwd=folder, env={**os.environ, **more}, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return done.stdout + done.stderr


@pytest.fixture
def described(story: Story, tmp_path: Path) -> Path:
    """The service's own description."""
    path = tmp_path / "openapi.json"
    path.write_bytes(requests.get(f"{story.url}/openapi.json", timeout=60).content)
    return path


@pytest.fixture
def typescript(described: Path, tmp_path: Path) -> Call:
    """One call of a program that was compiled against the generated types."""
    folder = tmp_path / "typescript"
    folder.mkdir()
    modules = place("typescript") / "node_modules"
    (folder / "node_modules").symlink_to(modules)
    (folder / "package.json").write_text('{"name": "caller", "private": true}')
    shutil.copy(HERE / "client.ts", folder)
    generator = str(modules / "openapi-typescript" / "bin" / "cli.js")
    node = program("node")
    ran([node, generator, str(described), "-o", "heed.d.ts", "--default-non-nullable=false"], folder)
    ran([node, str(modules / "typescript" / "bin" / "tsc"), *STRICT, "--target", "es2022", "client.ts"], folder)
    return lambda asked: json.loads(ran([node, "client.js", json.dumps(asked)], folder, NO_PROXY="127.0.0.1"))


@pytest.fixture
def python(described: Path, tmp_path: Path) -> Call:
    """One call of a program that uses the generated package."""
    folder = tmp_path / "python"
    folder.mkdir()
    programs = place("python-client") / "bin"
    told = ran(
        [str(programs / "openapi-python-client"), "generate", "--path", str(described), "--meta", "none",
         "--output-path", "heed_client"],
        folder,
    )  # fmt: skip
    warned = [line.strip() for line in told.splitlines() if line.startswith(("Unsupported", "Unable", "Cannot"))]
    assert {line.rpartition(" ")[2] for line in warned} <= UNKNOWN, warned
    script = str(HERE / "client_in_python.py")
    return lambda asked: json.loads(
        ran([str(programs / "python"), script, json.dumps(asked)], folder, NO_PROXY="127.0.0.1")
    )


class Program:
    """The program of the golden scenario; it has no trigger."""

    def __init__(self, call: Call, story: Story) -> None:
        self._call = call
        self._story = story

    def send(self, number: str, text: str, key: str | None = None) -> Answer:
        return self._send({"number": number, "text": text}, self._story.key, key)

    def send_with_wrong_key(self, number: str, text: str) -> Answer:
        return self._send({"number": number, "text": text}, "heed_nobody_x", None)

    def send_to_nobody(self, text: str) -> Answer:
        return self._send({"text": text}, self._story.key, None)

    def _send(self, values: dict[str, str], key: str, idempotency: str | None) -> Answer:
        body = {"sender": self._story.sender, **values}
        told = self._call({"do": "send", "url": self._story.url, "key": key, "idempotency": idempotency, "body": body})
        return Answer(told["status"], told["body"], told["shown"], told["replayed"])

    def heard(self) -> list[dict[str, Any]]:
        return []


def test_the_golden_scenario_through_a_typescript_client(typescript: Call, story: Story) -> None:
    story.golden(Program(typescript, story), triggers=False)


def test_the_golden_scenario_through_a_python_client(python: Call, story: Story) -> None:
    assert python({"do": "import", "url": story.url, "key": story.key})["modules"] > 100
    story.golden(Program(python, story), triggers=False)

    others = python({"do": "others", "url": story.url, "key": story.key, "number": NUMBER.replace("0142", "0143")})

    assert others == {"status": "added", "allowed": False, "reason": "opted_out"}
