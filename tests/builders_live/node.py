"""An exported package in a folder, beside what npm installed for it, and one script run there at a time."""

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.builders_live.packages import environment, place

PATIENCE_S = 120.0


def unpacked(files: Mapping[str, bytes], folder: Path, modules: str) -> Path:
    """The files of a package, with the installed modules in reach."""
    for path, content in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    (folder / "node_modules").symlink_to(place(modules) / "node_modules")
    return folder


def run(script: str, folder: Path, asked: Mapping[str, Any], modules: str) -> Any:
    """What a script of this folder answers on its last line."""
    node = shutil.which("node")
    assert node is not None
    path = Path(__file__).parent / script
    done = subprocess.run(
        [node, str(path), json.dumps(asked)], cwd=folder, env=_environment(modules), stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=PATIENCE_S, check=False,
    )  # fmt: skip
    lines = done.stdout.strip().splitlines()
    assert done.returncode == 0, done.stderr[-2000:]
    assert lines, done.stderr[-2000:]
    return json.loads(lines[-1])


def _environment(modules: str) -> dict[str, str]:
    """The caller's, without what would send a loopback call elsewhere."""
    kept = environment(modules)
    return {name: value for name, value in kept.items() if name.lower() not in ("http_proxy", "https_proxy")} | {
        "NO_PROXY": "127.0.0.1", "TZ": os.environ.get("TZ", "UTC"),
    }  # fmt: skip
