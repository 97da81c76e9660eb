"""Reads a `GraphQLRequest` from what a client has sent: an HTTP request, or parameters by another transport.

Raises HttpRefusal for whatever cannot be read: method, media type, JSON, types of parameters, token, purpose.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, Literal

from starlette.datastructures import Headers, QueryParams
from starlette.types import Receive, Scope

from gateway.clients.client_file import Clients
from gateway.http.client_network import ClientNetworks
from gateway.http.content_negotiation import JSON
from gateway.http.errors import Code, HttpRefusal
from gateway.http.limits.body_limits import read_body
from gateway.http.preferences import PREFER, prefers_cost, withheld_mode
from gateway.http.request_headers import RequestHeaders
from gateway.json_input import DuplicateKey, InvalidJson, parse_json
from policy.actors import Actor
from schema.core.ports import GraphQLRequest, RequestRates, WithheldMode
from schema.execution.preparation.document_gate import PROTOCOL

Authenticate = Callable[[Headers], Awaitable[Actor]]
Method = Literal["GET", "POST"]
PARAMETERS: Final = ("query", "operationName", "variables", "extensions", "documentId")
NO_PARAMETERS: Final = QueryParams()
PLAIN_JSON: Final = JSON.encode()


class RequestReader:
    """Makes requests of what was sent. *rates* is what counts them."""

    def __init__(
        self,
        authenticate: Authenticate,
        *,
        body_limit: int,
        networks: ClientNetworks,
        clients: Clients,
        rates: RequestRates | None,
    ) -> None:
        self.authenticate = authenticate
        self._body_limit = body_limit
        self._networks = networks
        self._clients = clients
        self._rates = rates

    async def from_http(self, scope: Scope, headers: RequestHeaders, receive: Receive) -> GraphQLRequest:
        """Return the request of a GET or POST. Raises HttpRefusal, ClientGone."""
        method = _method(scope["method"])
        if method == "POST":
            _refuse_other_content(headers)
        actor = await self.authenticate(headers)
        purpose = _purpose(headers)
        sent = QueryParams(scope["query_string"]) if scope["query_string"] else NO_PARAMETERS
        if "access_token" in sent:
            raise HttpRefusal(Code.TOKEN_IN_ADDRESS)
        found = (
            _from_address(sent) if method == "GET" else _from_body(await read_body(headers, receive, self._body_limit))
        )
        return self._request(scope, headers, found, actor=actor, purpose=purpose, method=method)

    async def from_parameters(self, scope: Scope, headers: RequestHeaders, found: Mapping[str, Any]) -> GraphQLRequest:
        """Return the request whose parameters are *found*, and whose *headers* say who asks. Raises HttpRefusal."""
        actor = await self.authenticate(headers)
        return self._request(scope, headers, found, actor=actor, purpose=_purpose(headers), method="POST")

    def network(self, scope: Scope) -> str:
        """Return the network of the client."""
        return self._networks.of(scope)

    def _request(
        self,
        scope: Scope,
        headers: RequestHeaders,
        found: Mapping[str, Any],
        *,
        actor: Actor,
        purpose: str | None,
        method: Method,
    ) -> GraphQLRequest:
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
            withheld=preferred_mode(headers) or self._clients.of(actor.client).withheld,
            asks_cost=PREFER.encode() in headers.first and prefers_cost(headers.getlist(PREFER)),
        )


def preferred_mode(headers: RequestHeaders) -> WithheldMode | None:
    """Return where the client would like to find what is withheld; None where it does not say."""
    return withheld_mode(headers.getlist(PREFER)) if PREFER.encode() in headers.first else None


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
