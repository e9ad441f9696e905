"""The database's place: whether messages leave, or this is a copy that waits for somebody's word."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from connector.engine.targets import Who
from connector.web.endpoint import endpoint
from connector.web.house import house

blueprint = Blueprint("database", __name__, url_prefix="/v1/database")


@blueprint.get("")
@endpoint("read")
def database(who: Who) -> Any:
    return house().guard.look().public


@blueprint.post("/confirm")
@endpoint("admin")
def confirm(who: Who) -> Any:
    """Nothing else sends from this database: sending goes on here, in every worker, within seconds."""
    return house().guard.confirm(who.actor).public
