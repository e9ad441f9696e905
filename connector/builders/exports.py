"""Every builder that there is a package for, a row each; a package is a pure function of catalogue and address."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from connector.builders.activepieces import activepieces
from connector.builders.archive import tgz, zipped
from connector.builders.kit import Catalogue, Files
from connector.builders.make_app import make_app
from connector.builders.n8n import n8n
from connector.builders.node_red import node_red
from connector.builders.power_automate import power_automate
from connector.builders.zapier import zapier

_PACK: Mapping[str, Callable[[Files], bytes]] = {"tgz": tgz, "zip": zipped}


@dataclass(frozen=True)
class Export:
    """One builder: its name in addresses and commands, and how its package is made."""

    name: str
    title: str
    about: str
    #: How the download is packed: "tgz" as npm installs it, or "zip".
    form: str
    make: Callable[[Catalogue, str], Files]

    @property
    def file(self) -> str:
        """The name of the download."""
        return f"heed-{self.name}.{self.form}"

    def archive(self, catalogue: Catalogue, server: str) -> bytes:
        """The package as one file; ``server``: the service's public address."""
        return _PACK[self.form](self.make(catalogue, server))

    def publish(self) -> dict[str, Any]:
        """The entry of ``GET /v1/builders``."""
        return {
            "name": self.name, "title": self.title, "description": self.about, "file": self.file,
            "links": {"download": f"/v1/builders/{self.name}"},
        }  # fmt: skip


_ROWS = (
    Export("n8n", "n8n", "A community package: Heed, Heed Trigger and a credential. It reads the actions live.",
           "tgz", n8n),
    Export("node-red", "Node-RED", "A palette module: heed action and heed trigger. It reads the actions live.",
           "tgz", node_red),
    Export("activepieces", "Activepieces", "A piece: an action and a trigger that read the catalogue live.",
           "tgz", activepieces),
    Export("zapier", "Zapier", "A private app: a step for each action, a trigger for each event.", "zip", zapier),
    Export("power-automate", "Power Automate", "A custom connector: OpenAPI 2.0 with dropdowns, and its properties.",
           "zip", power_automate),
    Export("make", "Make", "A custom app for Make's own editor: modules, dropdowns, instant triggers.",
           "zip", make_app),
)  # fmt: skip

EXPORTS: Mapping[str, Export] = {one.name: one for one in _ROWS}
