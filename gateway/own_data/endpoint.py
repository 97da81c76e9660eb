"""`GET /my-data/…`: a copy of one's own data, as copy.json, copy.pdf or one section as CSV [5.1.6] [PIPL 45].

    200  the copy                            403  not a subject or its delegate, or not for SELF_ACCESS
    400  no purpose                          404  no such section, or no subject that this caller may see
    405  another method                      413  too many rows for a PDF: take JSON or CSV

A subject gets its own data, a delegate that of its principal within its groups; one with several principals names one
by `?subject=`, a global id. Every page of it is a read that is recorded before it is sent.
"""

from collections.abc import AsyncIterator
from typing import Final
from urllib.parse import parse_qs

from starlette.datastructures import Headers
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from consent.vocabulary import Purpose
from gateway.auth.bearer_tokens import Authenticator
from gateway.files.endpoints import caller_of
from gateway.http.errors import Code, HttpRefusal
from gateway.import_export.errors import ExchangeRefused
from gateway.own_data.copy import Node, OwnData
from gateway.own_data.formats import TooLong, as_csv, as_json, as_pdf
from gateway.own_data.sections import SECTIONS
from gateway.services import Services
from policy.actors import Role

ALLOWED: Final = frozenset({Role.SUBJECT, Role.AGENT})
JSON, PDF = "copy.json", "copy.pdf"
CSV: Final = {f"{section}.csv": section for section in SECTIONS}


def own_data_routes(services: Services, identity: Authenticator) -> list[Route]:
    """Return the route of copies."""
    return [Route("/my-data/{name}", OwnDataEndpoint(services, identity))]


class OwnDataEndpoint:
    """The ASGI endpoint of a copy. Raises HttpRefusal."""

    def __init__(self, services: Services, identity: Authenticator) -> None:
        self._services = services
        self._identity = identity

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] != "GET":
            raise HttpRefusal(Code.METHOD_NOT_ALLOWED)
        actor, purpose = await caller_of(scope, Headers(scope=scope), self._identity)
        if purpose is None:
            raise HttpRefusal(Code.FILE_PURPOSE)
        if actor.role not in ALLOWED or purpose != Purpose.SELF_ACCESS:
            raise HttpRefusal(Code.OWN_DATA_NOT_ADMITTED)
        name = scope["path_params"]["name"]
        if name not in {JSON, PDF, *CSV}:
            raise HttpRefusal(Code.NOT_FOUND)
        named = parse_qs(scope["query_string"].decode("ascii", "replace")).get("subject")
        data = OwnData(self._services, actor, named[0] if named else None)
        try:
            person = await data.person()
        except ExchangeRefused:
            raise HttpRefusal(Code.NOT_FOUND) from None
        await (await self._response(name, data, person))(scope, receive, send)

    async def _response(self, name: str, data: OwnData, person: Node) -> Response:
        made_at = self._services.runtime.now()
        headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
        if name == PDF:
            try:
                return Response(await as_pdf(data, person, made_at), media_type="application/pdf", headers=headers)
            except TooLong:
                raise HttpRefusal(Code.OWN_DATA_TOO_LONG) from None
        if name == JSON:
            content: AsyncIterator[bytes] = as_json(data, person, made_at)
            return StreamingResponse(content, media_type="application/json", headers=headers)
        return StreamingResponse(as_csv(data, person, CSV[name]), media_type="text/csv; charset=utf-8", headers=headers)
