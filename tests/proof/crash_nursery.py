"""Imported by the process from which those who die are forked: what would take longer than most of their lives."""

import gc

import flask.testing  # noqa: F401 - a test client asks for it
import pytest  # noqa: F401 - and so do scenes
import structlog

from connector.domain.addresses import AddressKind, parse
from connector.providers.transport import trusted_context
from tests.proof import crash_victim

structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
crash_victim.app().test_client().get("/healthz")
trusted_context()
parse(AddressKind.NUMBER, "+12125550100", None)
# What is there by now stays: to look through it for garbage would copy all of it into each who is born.
gc.collect()
gc.freeze()
