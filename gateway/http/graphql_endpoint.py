"""GraphQL over HTTP: reads a `GraphQLRequest` from an HTTP request, executes it, and writes the HTTP response.

A request that cannot be read (method, media type, JSON, types of parameters, token) is refused with its own 4xx in
either media type. A request that the service refuses before execution is a 4xx for
`application/graphql-response+json`, and a 200 for `application/json`, whose clients look into the body. A document may
be named by its id in place of its text. GET executes queries only; decisions 8 and 74 say when it needs a header
against cross-site requests.
"""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from starlette.types import Receive, Scope

from consent.vocabulary import Purpose
from gateway.http.content_negotiation import JSON, choose
from gateway.http.errors import Code, HttpRefusal
from gateway.http.limits.admission_control import AdmissionControl
from gateway.http.limits.body_limits import RequestTimeLimit
from gateway.http.preferences import PREFER, applied
from gateway.http.request_headers import RequestHeaders
from gateway.http.request_reader import RequestReader, preferred_mode
from gateway.rates.rate_headers import rate_headers
from gateway.rates.request_rates import LeasedRequestRates
from schema.core.ports import GraphQLRequest, GraphQLResponse
from schema.execution.service import GraphQLService
from schema.execution.time_limits import TimeLimits

REFUSED_AFTER_READING = frozenset({400, 403})
"""Reported as 200 in `application/json`: the request was well formed, and the body holds the refusal."""
METHOD_NOT_ALLOWED = 405
BACKSTOP = 0.5
"""Seconds that we wait longer than GraphQLService, which enforces the time limit; this is a backstop."""
POST_ONLY: Final = {"Allow": "POST"}
NOTHING_MORE: Final[Mapping[str, str]] = {}
PURPOSES = frozenset(purpose.value for purpose in Purpose)


class HttpAnswer(NamedTuple):
    """What the endpoint answers. *headers* are those besides its type and length."""

    status: int
    media: str
    body: bytes
    headers: Mapping[str, str]


class GraphQLEndpoint:
    """The endpoint of `/graphql`. Raises HttpRefusal and ClientGone; the request handler answers them."""

    def __init__(
        self,
        service: GraphQLService,
        reader: RequestReader,
        *,
        timeout_seconds: float,
        admission: AdmissionControl,
        rates: LeasedRequestRates | None = None,
    ) -> None:
        self._service = service
        self._reader = reader
        self._timeout = timeout_seconds
        self._admission = admission
        self._rates = rates
        self._time_limits = TimeLimits()

    async def __call__(self, scope: Scope, headers: RequestHeaders, receive: Receive) -> HttpAnswer:
        admission = self._admission
        admission.refuse_if_full()
        media = choose(headers.getlist("accept")) if b"accept" in headers.first else JSON
        if media is None:
            raise HttpRefusal(Code.NOT_ACCEPTABLE)
        scope["media"] = media
        facts = scope["facts"]
        with RequestTimeLimit(self._time_limits, self._timeout) as time_limit:
            # Read before it enters: a body that arrives slowly takes the place of no other request.
            graphql_request = await self._reader.from_http(scope, headers, receive)
            note_request(facts, graphql_request)
            await admission.enter()
            try:
                time_limit.begin_again(self._timeout + BACKSTOP, receive)
                answer = await self._service.execute(graphql_request)
            finally:
                admission.leave()
        note_answer(facts, answer)
        scope["retry_at"] = answer.retry_at
        if self._rates is not None:
            scope["rate_headers"] = rate_headers(self._rates.limits(graphql_request.actor, graphql_request.network))
        more = POST_ONLY if answer.status == METHOD_NOT_ALLOWED else NOTHING_MORE
        if answer.executed and PREFER.encode() in headers.first:
            more = applied(preferred_mode(headers), cost=graphql_request.asks_cost)
        return HttpAnswer(_status(answer, media), media, answer.body, more)


def note_request(facts: dict[str, Any], graphql_request: GraphQLRequest) -> None:
    """Note the facts of a request that may be logged. An unknown purpose is free text, and is left out."""
    facts["role"] = graphql_request.actor.role
    facts["department"] = graphql_request.actor.department
    facts["purpose"] = graphql_request.purpose if graphql_request.purpose in PURPOSES else None


def note_answer(facts: dict[str, Any], answer: GraphQLResponse) -> None:
    """Note the facts of an answer that may be logged."""
    facts["executed"], facts["code"], facts["root"] = answer.executed, answer.code, answer.root
    facts["document"] = answer.document
    if answer.purpose is not None:  # the document may state what no header does
        facts["purpose"] = answer.purpose


def _status(answer: GraphQLResponse, media: str) -> int:
    if media == JSON and not answer.executed and answer.status in REFUSED_AFTER_READING:
        return 200
    return answer.status
