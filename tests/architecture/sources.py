"""The production modules, read as syntax trees: what the architecture tests look at."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
HOUSE = ("connector", "actions", "schemas", "worker.py")


def production_files() -> list[Path]:
    """Every Python file that ships, relative to the checkout."""
    found = [path for name in HOUSE for path in ([ROOT / name] if name.endswith(".py") else files_in(name))]
    return sorted(path.relative_to(ROOT) for path in found if path.exists())


def files_in(folder: str) -> Iterator[Path]:
    """The Python files below a folder of the checkout."""
    return (ROOT / folder).rglob("*.py")


def module_name(file: Path) -> str:
    """`connector/engine/send.py` is `connector.engine.send`; a package has its folder's name."""
    parts = file.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def read(file: Path) -> str:
    return (ROOT / file).read_text(encoding="utf-8")


def calls(source: str) -> Iterator[ast.Call]:
    """Every call in a module."""
    return (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))


def called_name(call: ast.Call) -> str:
    """`open(…)` and `path.open(…)` both call `open`."""
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
