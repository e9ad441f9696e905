"""The house that this process was built as."""

from __future__ import annotations

from typing import cast

from flask import current_app

from connector.engine.house import House


def house() -> House:
    return cast(House, current_app.extensions["heed"])
