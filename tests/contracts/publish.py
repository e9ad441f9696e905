"""Writes ``schemas/published``: one file an action, as the catalogue publishes it. Run by ``make publish``."""

import json
from pathlib import Path

import actions
import schemas
from connector.engine.catalog import discover

FOLDER = Path(schemas.__file__).parent / "published"


def published() -> dict[str, str]:
    """File name to content, for every action."""
    return {
        f"{name}.json": json.dumps(listed.publish(), indent=2, ensure_ascii=False) + "\n"
        for name, listed in discover(actions).listed.items()
    }


def main() -> None:
    """Write every file, and take away those of actions that are gone."""
    wanted = published()
    FOLDER.mkdir(exist_ok=True)
    for old in {path.name for path in FOLDER.glob("*.json")} - set(wanted):
        (FOLDER / old).unlink()
    for name, content in wanted.items():
        (FOLDER / name).write_text(content, encoding="utf-8")
    print(f"{len(wanted)} actions in schemas/published")


if __name__ == "__main__":
    main()
