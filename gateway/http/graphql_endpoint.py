"""GraphQL over HTTP: reads a `GraphQLRequest` from an HTTP request, executes it, and writes the HTTP response.

A request that cannot be read (method, media type, JSON, types of parameters, token) is refused with its own 4xx in
either media type. A request that the service refuses before execution is a 4xx for
`application/graphql-response+json`, and a 200 for `application/json`, whose clients look into the body. A document may
be named by its id in place of its text. GET executes queries only; decisions 8 and 74 say when it needs a header
against cross-site requests.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, Literal, NamedTuple

from starlette.datastructures import Headers, QueryParams
from starlette.types import Receive, Scope

from consent.vocabulary import Purpose
from gateway.clients.client_file import Clients
from gateway.http.client_network import ClientNetworks
from gateway.http.content_negotiation import JSON, choose
from gateway.http.errors import Code, HttpRefusal
from gateway.http.limits.admission_control import AdmissionControl
from gateway.http.limits.body_limits import RequestTimeLimit, read_body
from gateway.http.preferences import PREFER, applied, prefers_cost, withheld_mode
from gateway.http.request_headers import RequestHeaders
from gateway.json_input import DuplicateKey, InvalidJson, parse_json
from gateway.rates.rate_headers import rate_headers
from gateway.rates.request_rates import LeasedRequestRates
from policy.actors import Actor
from schema.core.ports import GraphQLRequest, GraphQLResponse, WithheldMode
from schema.execution.preparation.document_gate import PROTOCOL
from schema.execution.service import GraphQLService
from schema.execution.time_limits import TimeLimits

Authenticate = Callable[[Headers], Awaitable[Actor]]
Method = Literal["GET", "POST"]
REFUSED_AFTER_READING = frozenset({400, 403})
"""Reported as 200 in `application/json`: the request was well formed, and the body holds the refusal."""
METHOD_NOT_ALLOWED = 405
BACKSTOP = 0.5
"""Seconds that we wait longer than GraphQLService, which enforces the time limit; this is a backstop."""
PARAMETERS: Final = ("query", "operationName", "variables", "extensions", "documentId")
NO_PARAMETERS: Final = QueryParams()
PLAIN_JSON: Final = JSON.encode()
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
        authenticate: Authenticate,
        *,
        body_limit: int,
        timeout_seconds: float,
        networks: ClientNetworks,
        admission: AdmissionControl,
        clients: Clients,
        rates: LeasedRequestRates | None = None,
    ) -> None:
        self._service = service
        self._authenticate = authenticate
        self._body_limit = body_limit
        self._timeout = timeout_seconds
        self._networks = networks
        self._admission = admission
        self._rates = rates
        self._clients = clients
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
            graphql_request = await self._graphql_request(scope, headers, receive)
            _note_request(facts, graphql_request)
            await admission.enter()
            try:
                time_limit.begin_again(self._timeout + BACKSTOP, receive)
                answer = await self._service.execute(graphql_request)
            finally:
                admission.leave()
        facts["executed"], facts["code"], facts["root"] = answer.executed, answer.code, answer.root
        facts["document"] = answer.document
        scope["retry_at"] = answer.retry_at
        if self._rates is not None:
            scope["rate_headers"] = rate_headers(self._rates.limits(graphql_request.actor, graphql_request.network))
        if answer.purpose is not None:  # the document may state what no header does
            facts["purpose"] = answer.purpose
        more = POST_ONLY if answer.status == METHOD_NOT_ALLOWED else NOTHING_MORE
        if answer.executed and PREFER.encode() in headers.first:
            more = applied(_preferred_mode(headers), cost=graphql_request.asks_cost)
        return HttpAnswer(_status(answer, media), media, answer.body, more)

    async def _graphql_request(self, scope: Scope, headers: RequestHeaders, receive: Receive) -> GraphQLRequest:
        method = _method(scope["method"])
        if method == "POST":
            _refuse_other_content(headers)
        actor = await self._authenticate(headers)
        purpose = _purpose(headers)
        sent = QueryParams(scope["query_string"]) if scope["query_string"] else NO_PARAMETERS
        if "access_token" in sent:
            raise HttpRefusal(Code.TOKEN_IN_ADDRESS)
        found = (
            _from_address(sent) if method == "GET" else _from_body(await read_body(headers, receive, self._body_limit))
        )
        query, name, variables, extensions, document_id = map(found.get, PARAMETERS)
        if query is None and document_id is None and not (isinstance(extensions, dict) and PROTOCOL in extensions):
            raise HttpRefusal(Code.QUERY_MISSING)
        if not (
            (query is None or isinstance(query, str))
            and (document_id is None or isinstance(document_id, str))
            and (name is None or isinstance(name, str))
            and (variables is None or isinstance(variables, dict))
            and (extensions is None or isinstance(extensions, dict))
        ):
            raise HttpRefusal(Code.BAD_REQUEST)
        return GraphQLRequest(
            query=query,
            operation_name=name,
            variables=variables,
            extensions=extensions,
            document_id=document_id,
            purpose=purpose,
            actor=actor,
            method=method,
            request_id=scope["request_id"],
            network=lambda: self._networks.of(scope),
            rates=self._rates,
            trace=scope["trace"].steps if "trace" in scope else None,
            withheld=_preferred_mode(headers) or self._clients.of(actor.client).withheld,
            asks_cost=PREFER.encode() in headers.first and prefers_cost(headers.getlist(PREFER)),
        )


def _method(name: str) -> Method:
    if name == "POST":
        return "POST"
    if name == "GET":
        return "GET"
    raise HttpRefusal(Code.METHOD_NOT_ALLOWED)


def _refuse_other_content(headers: RequestHeaders) -> None:
    # Any web page could post forms and text without a preflight; JSON makes a browser ask first [CORS preflight].
    if headers.first.get(b"content-type") != PLAIN_JSON:
        media, _, parameters = headers.get("content-type", "").lower().partition(";")
        charset = parameters.replace(" ", "").replace('"', "")
        if media.strip() != JSON or charset not in {"", "charset=utf-8"}:
            raise HttpRefusal(Code.CONTENT_TYPE_REFUSED)
    if headers.first.get(b"content-encoding", b"identity").lower() != b"identity":
        raise HttpRefusal(Code.CONTENT_TYPE_REFUSED)


def _purpose(headers: RequestHeaders) -> str | None:
    if b"access-purpose" not in headers.first:
        return None
    sent = headers.getlist("access-purpose")
    if len(sent) > 1:
        raise HttpRefusal(Code.TWO_PURPOSES)
    return sent[0]


def _preferred_mode(headers: RequestHeaders) -> WithheldMode | None:
    return withheld_mode(headers.getlist(PREFER)) if PREFER.encode() in headers.first else None


def _from_address(sent: QueryParams) -> Mapping[str, Any]:
    """Return the parameters of a GET: maps are JSON, and an empty text counts as missing."""
    found: dict[str, Any] = {}
    for name in PARAMETERS:
        values = sent.getlist(name)
        if len(values) > 1:
            raise HttpRefusal(Code.BAD_REQUEST)
        if values and values[0]:
            found[name] = _json(values[0].encode()) if name in {"variables", "extensions"} else values[0]
    return found


def _from_body(body: bytes) -> Mapping[str, Any]:
    found = _json(body)
    if isinstance(found, list):
        raise HttpRefusal(Code.BATCH_REFUSED)
    if not isinstance(found, dict):
        raise HttpRefusal(Code.BAD_REQUEST)
    return found


def _json(text: bytes) -> Any:  # noqa: ANN401 - the client sent it; its type is not known yet
    try:
        return parse_json(text)
    except DuplicateKey:
        raise HttpRefusal(Code.DUPLICATE_KEY) from None
    except InvalidJson:
        raise HttpRefusal(Code.BAD_JSON) from None


def _note_request(facts: dict[str, Any], graphql_request: GraphQLRequest) -> None:
    """Note the facts of a request that may be logged. An unknown purpose is free text, and is left out."""
    facts["role"] = graphql_request.actor.role
    facts["department"] = graphql_request.actor.department
    facts["purpose"] = graphql_request.purpose if graphql_request.purpose in PURPOSES else None


def _status(answer: GraphQLResponse, media: str) -> int:
    if media == JSON and not answer.executed and answer.status in REFUSED_AFTER_READING:
        return 200
    return answer.status
