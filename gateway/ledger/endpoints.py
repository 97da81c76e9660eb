"""The logs over HTTP, for everybody [c2sp.org/tlog-tiles]: no token, no cookie, and any origin may read [CORS].

    /log/NAME/checkpoint                    a signed note; may be kept for two seconds
    /log/NAME/tile/<L>/<N>[.p/<W>]          hashes; never change
    /log/NAME/tile/entries/<N>[.p/<W>]      entries; never change
    /log/NAME/proof/<64 hex digits>         the proof of the entry with this commitment [c2sp.org/tlog-proof]
    /log/policy                             the keys of the logs and of their witnesses [c2sp.org/tlog-policy]

    400  no address of a tile or a commitment       404  not in what the log has published; never kept by a cache
    405  another method than GET, HEAD and OPTIONS  503  the store or the database does not answer, or too many ask
    429  too many checkpoints and proofs for one network in this time; tiles are not counted

NAME is consent, access or system. A tile is given out once a checkpoint covers it, so that it never changes. Entries
of `system`, which are texts, are compressed for who accepts gzip; those of the other logs are hashes.
"""

import gzip
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final, TypeVar

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from consent.errors import TileRefused
from consent.ledger.tiles import ENTRIES, Tile
from consent.ports import Log
from gateway.http.errors import Code, HttpRefusal, refusal_of
from gateway.http.limits.admission_control import AdmissionControl
from gateway.http.request_reports import LOG
from gateway.ledger.errors import LedgerStoreError
from gateway.ledger.factory import LOGS
from gateway.ledger.log_reader import LogReader
from gateway.ledger.stores.tile_store import CHECKPOINT
from gateway.rates.rate_headers import FIELDS
from gateway.rates.route_rates import RouteRates
from gateway.telemetry.logging import report_failure, report_overload
from queryplan.plan import StoreUnavailable
from schema.core.limits import Rate

FindEntry = Callable[[Log, bytes], Awaitable[int | None]]
"""Gives the leaf index of the entry with a commitment, or None."""

AT_ONCE: Final = 16
WAITING: Final = 64
WAITING_SECONDS: Final = 1.0
TEXT: Final = "text/plain; charset=utf-8"
BYTES: Final = "application/octet-stream"
MOMENT: Final = "public, max-age=2"
FOR_EVER: Final = "public, max-age=31536000, immutable"
OPEN: Final = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": ", ".join(("Retry-After", "X-Request-Id", *FIELDS)),
    "Cross-Origin-Resource-Policy": "cross-origin",
}
PREFLIGHT: Final = {
    "Access-Control-Allow-Methods": "GET, HEAD",
    "Access-Control-Allow-Headers": "*",
    "Access-Control-Max-Age": "86400",
    "Allow": "GET, HEAD, OPTIONS",
}
Found = TypeVar("Found")
_COMMITMENT: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)
_NAMES: Final[Mapping[str, Log]] = {name: name for name in LOGS}


def log_routes(reader: LogReader, find_entry: FindEntry, policy: bytes, rates: RouteRates) -> list[Route]:
    """Return the route of the logs; *policy* is what `/log/policy` gives."""
    return [Route(f"{LOG}{{path:path}}", LogEndpoint(reader, find_entry, policy, rates))]


@dataclass(frozen=True, slots=True)
class LogFile:
    """What an address gives."""

    content: bytes
    media: str
    cache: str
    is_readable: bool = False


class LogEndpoint:
    """The ASGI endpoint of the logs. It answers refusals itself: a page of another origin may read them too."""

    def __init__(self, reader: LogReader, find_entry: FindEntry, policy: bytes, rates: RouteRates) -> None:
        self._reader, self._find_entry, self._policy, self._rates = reader, find_entry, policy, rates
        self._admission = AdmissionControl(AT_ONCE, WAITING, WAITING_SECONDS, report_overload)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            response = await self._answer(scope)
        except HttpRefusal as refusal:
            scope["facts"]["code"] = str(refusal.code)
            body = refusal.body(scope["request_id"])
            response = Response(body, refusal.status, refusal.headers, "application/json; charset=utf-8")
        response.headers.update(OPEN)
        if scope["method"] == "HEAD":
            response.body = b""  # its length stays in the header
        await response(scope, receive, send)

    async def _answer(self, scope: Scope) -> Response:
        if scope["method"] == "OPTIONS":
            return Response(status_code=204, headers=PREFLIGHT)
        if scope["method"] not in {"GET", "HEAD"}:
            raise HttpRefusal(Code.LOG_METHOD)
        await self._admission.enter()
        try:
            if "/tile/" not in scope["path"]:
                await self._rates.take(scope, Rate.LEDGER_OF_NETWORK)
            # Not the path that the router has found: its pattern takes a line feed at the end for nothing.
            file = await self._file(scope["path"].removeprefix(LOG))
        except LedgerStoreError as error:
            report_failure(scope["request_id"], error)
            raise HttpRefusal(Code.LEDGER_UNAVAILABLE) from None
        except StoreUnavailable as error:
            raise refusal_of(error) from None
        finally:
            self._admission.leave()
        return _response(file, Headers(scope=scope))

    async def _file(self, path: str) -> LogFile:
        if path == "policy":
            return LogFile(self._policy, TEXT, MOMENT)
        name, _, rest = path.partition("/")
        log = _NAMES.get(name)
        if log is None:
            raise HttpRefusal(Code.LOG_NOT_FOUND)
        if rest == CHECKPOINT:
            published = await self._reader.published(log)
            return LogFile(_present(published).content, TEXT, MOMENT)
        kind, _, named = rest.partition("/")
        if kind == "tile":
            return await self._tile(log, rest)
        if kind == "proof":
            return await self._proof(log, named)
        raise HttpRefusal(Code.LOG_NOT_FOUND)

    async def _tile(self, log: Log, path: str) -> LogFile:
        try:
            tile = Tile.parse(path)
        except TileRefused:
            raise HttpRefusal(Code.LOG_PATH) from None
        content = _present(await self._reader.tile(log, tile))
        return LogFile(content, BYTES, FOR_EVER, is_readable=log == "system" and tile.level == ENTRIES)

    async def _proof(self, log: Log, commitment: str) -> LogFile:
        if not _COMMITMENT.fullmatch(commitment):
            raise HttpRefusal(Code.LOG_PATH)
        index = _present(await self._find_entry(log, bytes.fromhex(commitment)))
        return LogFile(_present(await self._reader.inclusion(log, index)).encode(), TEXT, MOMENT)


def _present(found: Found | None) -> Found:
    if found is None:
        raise HttpRefusal(Code.LOG_NOT_FOUND)
    return found


def _response(file: LogFile, headers: Headers) -> Response:
    content, own = file.content, {"Cache-Control": file.cache}
    if file.is_readable:
        own["Vary"] = "Accept-Encoding"
        if _accepts_gzip(headers.get("accept-encoding", "")):
            content, own["Content-Encoding"] = gzip.compress(content, mtime=0), "gzip"
    return Response(content, headers=own, media_type=file.media)


def _accepts_gzip(accepted: str) -> bool:
    """Whether a header Accept-Encoding names gzip, and not only to refuse it [RFC 9110 section 12.5.3]."""
    for each in accepted.lower().split(","):
        name, _, weight = (part.strip() for part in each.partition(";"))
        if name == "gzip":
            return not re.fullmatch(r"q=0(\.0{0,3})?", weight)
    return False
