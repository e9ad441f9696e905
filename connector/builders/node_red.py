"""The Node-RED package: a module of the palette whose nodes read the catalogue while somebody edits a flow."""

from __future__ import annotations

from connector.builders.kit import Catalogue, Files, action_table, json_file, kit


def node_red(catalogue: Catalogue, server: str) -> Files:
    """The files of ``node-red-contrib-heed``; ``server`` is what a new connection node proposes."""
    content = kit("node-red")
    content["service.json"] = json_file({"server": server})
    content["README.md"] += f"\n## Actions of {server}\n\n{action_table(catalogue)}".encode()
    return content
