"""Log lines, set up once a process: JSON for machines, readable on a terminal, personal data in neither.

What libraries log goes the same way, so that a line of theirs holds no address either.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping
from typing import Any, TextIO

import orjson
import structlog
from structlog.types import Processor

from connector.domain.redacting import redact


def begin(role: str, level: str = "info", stream: TextIO | None = None) -> None:
    """From now on this process logs as ``role``, to standard error."""
    stream = stream or sys.stderr
    number = logging.getLevelNamesMapping()[level.upper()]
    before: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        _named(role),
        structlog.processors.format_exc_info,
        _redact,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    readable = stream.isatty()
    render: Processor = structlog.dev.ConsoleRenderer() if readable else structlog.processors.JSONRenderer(_json)
    structlog.configure(
        processors=[*before, render],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.WriteLoggerFactory(stream),
        cache_logger_on_first_use=True,
    )
    _take_in(before, render, stream, max(number, logging.WARNING))


def _take_in(before: list[Processor], render: Processor, stream: TextIO, level: int) -> None:
    """Lines of the standard library's logging, which is what libraries use."""
    handler = logging.StreamHandler(stream)
    steps: list[Processor] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta, render]
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(processors=steps, foreign_pre_chain=before))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)


def _named(role: str) -> Processor:
    def name(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        line["role"] = role
        return line

    return name


def _redact(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return redact(line)


def _json(line: Any, **_: Any) -> str:
    return orjson.dumps(line, default=str).decode()
