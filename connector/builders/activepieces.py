"""The Activepieces piece: one action and one trigger, drawn from the catalogue while somebody edits a flow."""

from __future__ import annotations

from connector.builders.kit import Catalogue, Files, action_table, json_file, kit


def activepieces(catalogue: Catalogue, server: str) -> Files:
    """The files of ``@heed/piece-heed``; ``server`` is what a new connection proposes."""
    content = kit("activepieces")
    content["service.json"] = json_file({"server": server})
    content["README.md"] += f"\n## Actions of {server}\n\n{action_table(catalogue)}".encode()
    return content
