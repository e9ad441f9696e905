"""The web process: ``flask --app connector.app run``, or any WSGI server on ``connector.app:create_app()``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask

from connector import limits, logs
from connector.bootstrap import House
from connector.bootstrap import house as built
from connector.embedded import end_with_parent
from connector.settings import CALLERS, load
from connector.web import (
    builders,
    campaigns,
    catalogue,
    console,
    contacts,
    database,
    desk,
    files,
    forms,
    hooks,
    inbox,
    incoming,
    mcp,
    metrics,
    network,
    observed,
    people,
    problems,
    proof,
    service,
    setup,
    staff,
    templates,
)
from connector.web.public import forms as opt_in_forms
from connector.web.public import opting_out, preferences
from connector.web.seats import Seats


def serve() -> Seats:
    """What the web server's worker processes run: an app over this process's settings, gone when the server is."""
    end_with_parent()
    limits.open_many()
    return Seats(create_app(), load().threads, CALLERS)


class _App(Flask):
    """Flask without its question, for each function of each call, whether it is a coroutine: none is."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        return func


def create_app(house: House | None = None, *, trusted_proxies: int = 0) -> Flask:
    """The service over a house; without one, over the house of this process's settings.

    ``trusted_proxies`` says how many of the last addresses in X-Forwarded-For proxies of our own wrote. Host and scheme
    are never taken from a header: links and signatures use the public address that is set.
    """
    app = _App("connector.web", static_folder=None)
    incoming.guard(app)
    if house is None:
        settings = load()
        logs.begin("web", settings.log_level)
        trusted_proxies = settings.trusted_proxies
    network.believe(app, trusted_proxies)
    app.extensions["heed"] = house or built("web")
    problems.register(app)
    observed.watch(app)
    for module in (
        catalogue, setup, templates, people, proof, contacts, desk, files, campaigns, hooks, inbox, database, service,
        metrics, builders, staff, forms, opt_in_forms, opting_out, preferences, mcp,
    ):  # fmt: skip
        app.register_blueprint(module.blueprint)
    console.register(app)
    return app
