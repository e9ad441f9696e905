"""The n8n package: a community node whose operations and fields are read while somebody edits a workflow."""

from __future__ import annotations

from connector.builders.kit import Catalogue, Files, action_table, json_file, kit


def n8n(catalogue: Catalogue, server: str) -> Files:
    """The files of ``n8n-nodes-heed``; ``server`` is what a new credential proposes."""
    content = kit("n8n")
    content["dist/service.json"] = json_file({"server": server})
    content["README.md"] += f"\n## Actions of {server}\n\n{action_table(catalogue)}".encode()
    return content
