"""Log lines, set up once a process: JSON for machines, readable on a terminal, personal data in neither.

What libraries log goes the same way, so that a line of theirs holds no address either.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import orjson
import structlog
from structlog.types import Processor

from connector.domain.redacting import redact


class _StandardError:
    """Whatever standard error is when a line is written."""

    def write(self, text: str) -> int:
        return sys.stderr.write(text)

    def flush(self) -> None:
        sys.stderr.flush()


class _Ours(logging.StreamHandler[Any]):
    """Ours, so that a second beginning takes the place of the first."""


def begin(role: str, level: str = "info") -> None:
    """From now on this process logs as ``role``, to standard error."""
    number = logging.getLevelNamesMapping()[level.upper()]
    before: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        _named(role),
        structlog.processors.format_exc_info,
        _redact,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    stream: Any = _StandardError()
    readable = sys.stderr.isatty()
    render: Processor = structlog.dev.ConsoleRenderer() if readable else structlog.processors.JSONRenderer(_json)
    structlog.configure(
        processors=[*before, render],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.WriteLoggerFactory(stream),
        cache_logger_on_first_use=role != "cli",  # a command ends before it is worth it, and a test may go on after it
    )
    _take_in(before, render, stream, max(number, logging.WARNING))


def _take_in(before: list[Processor], render: Processor, stream: Any, level: int) -> None:
    """Lines of the standard library's logging, which is what libraries use."""
    handler = _Ours(stream)
    steps: list[Processor] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta, render]
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(processors=steps, foreign_pre_chain=before))
    root = logging.getLogger()
    for old in [one for one in root.handlers if isinstance(one, _Ours)]:
        root.removeHandler(old)
    root.addHandler(handler)
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
