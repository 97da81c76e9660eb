"""POST /platform/cases: the endpoint for cases that the approval-supervision platform pushes [5.1.3].

201  accepted now, with our case id       400  no key, no JSON type        409  the key, for another content
200  accepted before, the same answer     401  no token, or a bad one      413  too large
202  in quarantine, with codes, no value  403  not the platform's role
                                          429  too many; nothing of the message is kept
"""

import re
from typing import Final

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from consent.vocabulary import DataClass, Purpose
from gateway.http.content_negotiation import JSON
from gateway.http.errors import Code, HttpRefusal
from gateway.http.limits.body_limits import read_body
from gateway.http.request_reader import Authenticate
from gateway.inbound.accept import InboundResult, KeyUsedOtherwise, accept, case_reference
from gateway.inbound.remedies import explained
from gateway.services import Services
from policy.actions import Action
from policy.actors import Actor, Role
from policy.decisions import Withheld
from schema.core.errors import LookupQuota
from storage.repositories.messages.inbound_messages import ACCEPTED

PATH: Final = "/platform/cases"
LARGEST: Final = 64 * 1024
KEY: Final = re.compile(r"[A-Za-z0-9._:\-]{1,128}", re.ASCII)
WRITTEN: Final = (DataClass.CASE_PROCEDURE, DataClass.SUBJECT)


def inbound_routes(services: Services, authenticate: Authenticate) -> list[Route]:
    """Return the route."""
    return [Route(PATH, InboundEndpoint(services, authenticate))]


class InboundEndpoint:
    """The ASGI endpoint. Raises HttpRefusal, which the request handler answers."""

    def __init__(self, services: Services, authenticate: Authenticate) -> None:
        self._services = services
        self._authenticate = authenticate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        if scope["method"] != "POST":
            raise HttpRefusal(Code.METHOD_NOT_ALLOWED)
        actor = await self._authenticate(headers)
        scope["facts"].update({"role": actor.role, "purpose": Purpose.PLATFORM_EXCHANGE.value})
        self._admit(actor)
        if headers.get("content-type", "").partition(";")[0].strip().lower() != JSON:
            raise HttpRefusal(Code.CONTENT_TYPE_REFUSED)
        key = headers.get("idempotency-key", "")
        if not KEY.fullmatch(key):
            raise HttpRefusal(Code.IDEMPOTENCY_KEY_REQUIRED)
        body = await read_body(headers, receive, LARGEST)
        try:
            answer = await accept(self._services, actor, key, body)
        except KeyUsedOtherwise:
            raise HttpRefusal(Code.IDEMPOTENCY_CONFLICT) from None
        except LookupQuota as used_up:
            raise HttpRefusal(Code.LOOKUP_QUOTA, until=str(used_up.facts["until"])) from None
        scope["facts"]["code"] = answer.came.outcome
        await _response(answer)(scope, receive, send)

    def _admit(self, actor: Actor) -> None:
        """Raise HttpRefusal unless the policy lets *actor* push cases."""
        if actor.role is Role.ANONYMOUS:
            raise HttpRefusal(Code.TOKEN_REFUSED)
        for data_class in WRITTEN:
            scopes = self._services.policy.act(actor.role, Purpose.PLATFORM_EXCHANGE, data_class, Action.WRITE)
            if isinstance(scopes, Withheld):
                raise HttpRefusal(Code.NOT_ADMITTED)


def _response(answer: InboundResult) -> JSONResponse:
    came = answer.came
    if came.outcome == ACCEPTED:
        warnings = explained(answer.warnings)
        content = {"outcome": came.outcome, "case_id": case_reference(came.case_id), "warnings": warnings}
        return JSONResponse(content, 200 if answer.again else 201)
    content = {"outcome": came.outcome, "item_id": str(came.item_id), "reasons": explained(answer.reasons)}
    return JSONResponse(content, 202)
