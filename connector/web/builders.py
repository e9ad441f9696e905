"""Packages of flow builders to download, with the service's own address in them."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response

from connector.builders.exports import EXPORTS
from connector.domain.errors import NotFound
from connector.engine.targets import Who
from connector.web.endpoint import endpoint
from connector.web.files import download
from connector.web.house import house

_PACKED = "application/octet-stream"

blueprint = Blueprint("builders", __name__, url_prefix="/v1/builders")


@blueprint.get("")
@endpoint("read")
def builders(_who: Who) -> Any:
    return {"builders": [one.publish() for one in EXPORTS.values()]}


@blueprint.get("/<name>")
@endpoint("read", also=(_PACKED, "application/gzip", "application/zip"))
def package(_who: Who, name: str) -> Response:
    export = EXPORTS.get(name)
    if export is None:
        raise NotFound("There is no package for such a builder; GET /v1/builders lists them.")
    here = house()
    return download(iter([export.archive(here.catalog.publish(), here.public_url)]), export.file, _PACKED)
