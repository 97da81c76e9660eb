"""A witness over HTTP [c2sp.org/tlog-witness].

    POST /add-checkpoint                  200: × signature line; 400, 403, 404, 422; 409: the size that it knows
    GET /<SHA-256 of origin>/checkpoint   the last checkpoint that it has cosigned, with its cosignatures; 404
    GET /healthz                          200 while it runs

A body may have as many bytes as a request can have and must be there in ten seconds. Nobody needs a token: a checkpoint
is refused unless its log has signed it.
"""

import asyncio
import re
from http import HTTPStatus
from typing import Final

import structlog
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from consent.ledger.notes.witness_requests import MOST_BYTES
from gateway.ledger.witness.witness import NotCosigned, OtherSize, Witness
from gateway.ledger.witness.witness_state import WitnessStateRefused
from gateway.telemetry.logging import where

BODY_SECONDS: Final = 10.0
AT_ONCE: Final = 32
_TEXT: Final = "text/plain; charset=utf-8"
_SIZE: Final = "text/x.tlog.size"
_NAMED: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)


def witness_app(witness: Witness) -> Starlette:
    """Return the app of *witness*."""
    endpoints = _Endpoints(witness)
    return Starlette(
        routes=[
            Route("/add-checkpoint", endpoints.add_checkpoint, methods=["POST"]),
            Route("/healthz", endpoints.healthz, methods=["GET"]),
            Route("/{named}/checkpoint", endpoints.checkpoint, methods=["GET"]),
        ]
    )


class _Endpoints:
    def __init__(self, witness: Witness) -> None:
        self._witness = witness
        self._admission = asyncio.Semaphore(AT_ONCE)

    async def add_checkpoint(self, request: Request) -> Response:
        try:
            async with self._admission, asyncio.timeout(BODY_SECONDS):
                body = await _body(request)
        except TimeoutError:
            return _text("", HTTPStatus.REQUEST_TIMEOUT)
        except _TooLarge:
            return _text("", HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        try:
            lines = await self._witness.add_checkpoint(body)
        except OtherSize as refused:
            # Not as a text of Starlette: it would add a character set, and clients compare the whole type.
            return Response(f"{refused.size}\n", refused.status, {"content-type": _SIZE})
        except NotCosigned as refused:
            return _text(f"{refused}\n", refused.status)
        except (OSError, WitnessStateRefused) as error:
            return _unavailable(error)
        return _text("".join(map(str, lines)), HTTPStatus.OK)

    async def checkpoint(self, request: Request) -> Response:
        named = request.path_params["named"]
        if not _NAMED.fullmatch(named):
            return _text("", HTTPStatus.NOT_FOUND)
        try:
            note = await asyncio.to_thread(self._witness.state.read, named)
        except OSError as error:
            return _unavailable(error)
        if note is None:
            return _text("", HTTPStatus.NOT_FOUND)
        return Response(note, HTTPStatus.OK, {"content-type": _TEXT, "cache-control": "public, max-age=2"})

    @staticmethod
    async def healthz(_: Request) -> Response:
        return _text("", HTTPStatus.OK)


class _TooLarge(Exception):
    pass


async def _body(request: Request) -> bytes:
    body = bytearray()
    try:
        async for piece in request.stream():
            body += piece
            if len(body) > MOST_BYTES:
                raise _TooLarge
    except ClientDisconnect:
        raise _TooLarge from None
    return bytes(body)


def _text(text: str, status: HTTPStatus) -> Response:
    return Response(text, status, {"content-type": _TEXT, "cache-control": "no-store"})


def _unavailable(error: Exception) -> Response:
    structlog.get_logger().error("ledger.witness-unavailable", **where(error))
    return _text("", HTTPStatus.SERVICE_UNAVAILABLE)
