"""Log lines: events with keys of an allow-list, and nothing that a person sent.

    {"event": "request.answered", "request_id": "…", "method": "POST", "route": "/graphql", "status": 200, …}

A key that is not on the list raises in demo mode and in tests, and is dropped in production. Documents, variables,
query strings and addresses have no key. An exception is logged by its class and the places it came through, never by
its message, which may quote a row.
"""

import logging
import sys
import traceback
from collections.abc import Mapping, MutableMapping
from contextvars import ContextVar
from datetime import UTC, date, datetime
from enum import Enum
from pathlib import Path
from types import NoneType, TracebackType
from typing import Any, BinaryIO, TextIO
from uuid import UUID

import orjson
import structlog

from gateway.settings.settings import Settings
from gateway.telemetry.trace_context import CURRENT
from policy.expand_rules import WhoCell
from storage.errors import DatabaseUnavailable

ALLOWED = frozenset(
    {
        # every line
        "event", "level", "timestamp", "request_id", "trace_id",
        # a request
        "method", "route", "status", "milliseconds", "bytes", "role", "department", "purpose", "code", "root",
        "document", "document_hash", "operation_kind", "policy_version", "statements", "executed",
        # the service
        "mode", "host", "port", "version", "database", "revision", "component", "check", "setting", "persona",
        "count", "refused", "size", "index", "origin", "table", "column", "state", "attempt", "limit", "lag_seconds",
        "year",
        # a keyed hash of an account, in alarms
        "caller",
        # the ledger: a log, places in it, how many, and the process that wrote a group
        "log", "first", "end", "subjects", "seconds", "fault", "recorder", "number", "is_held", "epoch",
        "heads", "headless",
        # an authorisation that the policy decides
        "data_class", "action", "scope",
        # references, never identities
        "authorisation", "case", "application", "message_id", "job", "kek_id", "row",
        # what went wrong, and where
        "error", "cause", "trace", "logger", "template",
    }
)  # fmt: skip
PLAIN = frozenset({bool, int, float, NoneType})
LONGEST_TEXT = 200
FRAMES = 12
ROOT = Path(__file__).resolve().parents[2]
Event = MutableMapping[str, Any]


REQUEST_ID: ContextVar[str | None] = ContextVar("request_id", default=None)
"""The id of the request that is answered now; each line of it has the id."""


class KeyNotAllowed(Exception):
    """A log line with a key that is not on the list."""


def configure(settings: Settings, stream: TextIO | None = None) -> None:
    """Send all log lines, our own and those of libraries, to *stream* in the format of *settings*."""
    out = stream or sys.stderr
    is_json, allow_list = settings.log_format == "json", AllowList(strict=settings.is_demo)
    rendered = _as_json if is_json else structlog.dev.ConsoleRenderer(colors=out.isatty())
    structlog.configure(
        processors=[
            _with_request_id,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            allow_list,
            rendered,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=JsonLines(out.buffer, allow_list) if is_json else structlog.PrintLoggerFactory(out),
        cache_logger_on_first_use=False,
    )
    root = logging.getLogger()
    root.handlers = [ForeignLines()]
    root.setLevel(logging.WARNING)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        library = logging.getLogger(name)
        library.handlers, library.propagate = [], name != "uvicorn.access"


def where(error: BaseException) -> dict[str, str]:
    """Return an exception's class and the places it came through, and those of its first cause; without messages."""
    first = error
    while first.__cause__ is not None:
        first = first.__cause__
    facts = {"error": _named(error), "trace": _trace(error.__traceback__)}
    if first is not error:
        facts |= {"cause": _named(first), "trace": f"{_trace(first.__traceback__)}\n{facts['trace']}"}
    return facts


def _named(error: BaseException) -> str:
    """Return the class of *error*, and where the database is not available, the word for how."""
    outage = f"({error.outage})" if isinstance(error, DatabaseUnavailable) else ""
    return f"{type(error).__name__}{outage}"


def report_disagreement(cell: WhoCell) -> None:
    """Log an alarm: Casbin and the expanded rules decide one cell differently; the gateway refuses it."""
    role, purpose, data_class, action, scope = cell
    structlog.get_logger().error(
        "policy.disagreement", role=role, purpose=purpose, data_class=data_class, action=action, scope=scope
    )


def report_failure(request_id: str, error: BaseException) -> None:
    """Log that a request broke; the client receives only its id."""
    structlog.get_logger().error("request.broke", request_id=request_id, **where(error))


def report_overload(refused: int) -> None:
    """Log how many requests were refused in the last second because the process was full."""
    structlog.get_logger().warning("requests.refused", code="OVERLOADED", count=refused)


def report_answer(request_id: str, route: str, method: str, seconds: float, facts: Mapping[str, Any]) -> None:
    """Log the line of a request. It is the most frequent one, so JSON is written without a logger's processors."""
    always = {"request_id": request_id, "route": route, "method": method, "milliseconds": round(seconds * 1000, 2)}
    known = {name: value for name, value in facts.items() if value is not None}
    lines = structlog.get_config()["logger_factory"]
    if isinstance(lines, JsonLines):
        lines.write("request.answered", always, known)
    else:
        structlog.get_logger().info("request.answered", **always, **known)


class JsonLines(structlog.BytesLoggerFactory):
    """The loggers of JSON lines, which also takes a whole line."""

    def __init__(self, out: BinaryIO, allow_list: "AllowList") -> None:
        super().__init__(out)
        self._allow_list = allow_list
        self._lines = structlog.BytesLogger(out)

    def write(self, event: str, always: Mapping[str, object], facts: Event) -> None:
        """Write a line with what it *always* has, and with those *facts* that may be logged."""
        admitted = self._allow_list(None, "", facts)
        line = {**always, **admitted, "event": event, "level": "info", "timestamp": datetime.now(UTC)}
        self._lines.msg(_as_json(None, "", line))


class AllowList:
    """Passes the keys of the list. *strict* raises for other keys; otherwise they are dropped."""

    def __init__(self, *, strict: bool) -> None:
        self._strict = strict

    def __call__(self, _logger: object, _method: str, event: Event) -> Event:
        if self._strict and not event.keys() <= ALLOWED:
            unknown = ", ".join(sorted(event.keys() - ALLOWED))
            raise KeyNotAllowed(f"no log key: {unknown}; see gateway/telemetry/logging.py")
        return {key: value if type(value) in PLAIN else _plain(value) for key, value in event.items() if key in ALLOWED}


class ForeignLines(logging.Handler):
    """Logs of libraries: the template of a message, never its arguments."""

    def emit(self, record: logging.LogRecord) -> None:
        # A template without arguments may be text that is already formatted; the server's own templates never are.
        known = bool(record.args) or record.name.startswith("uvicorn")
        template = str(record.msg).strip() if known else f"(free text withheld) {record.module}:{record.lineno}"
        facts: dict[str, object] = {"logger": record.name, "template": template}
        if record.exc_info and record.exc_info[1] is not None:
            facts |= where(record.exc_info[1])
        level = "error" if record.levelno >= logging.ERROR else "warning"
        getattr(structlog.get_logger(), level)("library.said", **facts)


def _with_request_id(_logger: object, _method: str, event: Event) -> Event:
    request_id, trace = REQUEST_ID.get(), CURRENT.get()
    if trace is not None:
        event = {"trace_id": trace.trace_id, **event}
    return event if request_id is None else {"request_id": request_id, **event}


def _plain(value: object) -> object:
    if type(value) is str and len(value) <= LONGEST_TEXT:
        return value
    if isinstance(value, str | UUID | date):  # words of closed lists too
        return str(value)[: LONGEST_TEXT * (FRAMES if isinstance(value, str) and "\n" in value else 1)]
    if isinstance(value, Enum):
        return str(value.value)
    # A richer object might print more than is intended.
    return f"({type(value).__name__})"


def _trace(start: TracebackType | None) -> str:
    frames = traceback.extract_tb(start)[-FRAMES:]
    return "\n".join(f"{_short(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames)


def _short(filename: str) -> str:
    path = Path(filename)
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else path.name


def _as_json(_logger: object, _method: str, event: Mapping[str, Any]) -> bytes:
    return orjson.dumps(event, option=orjson.OPT_UTC_Z)
