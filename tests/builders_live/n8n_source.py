"""Our n8n package as source in TypeScript: n8n's rules look at nothing else, so plain JavaScript would pass unseen."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

from tests.builders_live.packages import place, program

_RULES = Path(__file__).parent / "n8n_lint.mjs"
#: What a class is, by the end of its file's name.
_KINDS = {".node.js": "INodeType", ".credentials.js": "ICredentialType"}


def lay_out(content: dict[str, bytes], folder: Path) -> None:
    """The files of ``dist`` at the top of the folder, the JavaScript as TypeScript."""
    for path, part in content.items():
        target = folder / path.removeprefix("dist/")
        target.parent.mkdir(parents=True, exist_ok=True)
        kind = next((kind for end, kind in _KINDS.items() if path.endswith(end)), None)
        typed = re.sub(rb"(?m)^class (\w+) {", rf"class \1 implements {kind} {{".encode(), part) if kind else part
        (target.with_suffix(".ts") if path.endswith(".js") else target).write_bytes(typed)
    (folder / "node_modules").symlink_to(place("n8n-lint") / "node_modules")
    shutil.copy(_RULES, folder / "eslint.config.mjs")


def complaints(folder: Path) -> list[str]:
    """What the rules say, warnings too; every file is looked at."""
    eslint = folder / "node_modules" / "eslint" / "bin" / "eslint.js"
    command = [program("node"), str(eslint), "--format", "json", "."]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode in (0, 1), done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)
    looked_at = {Path(one["filePath"]).relative_to(folder.resolve()).as_posix() for one in found}
    expected = {one.relative_to(folder).as_posix() for one in folder.rglob("*.ts") if "node_modules" not in one.parts}
    assert looked_at >= expected | {"package.json"}
    return [
        f"{Path(one['filePath']).name}:{said['line']} {said['ruleId']} {said['message']}"
        for one in found
        for said in one["messages"]
    ]
