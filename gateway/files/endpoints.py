"""`POST /files` accepts a file; `GET /files/{reference}` gives one [5.1.1] [5.1.6].

    201  kept, with its reference          403  the policy does not let this role do it for this purpose
    200  the file                          404  no such file, or none that this caller may read: the same answer
    413  too large, or too much waits      415  another media type in the header, or in the content
    422  the scanner found malware         503  the scanner gives no answer; nothing was kept

A file is read through GraphQLService, so it has the same guard and access log as any read.
"""

import asyncio
from base64 import b64decode
from collections.abc import Awaitable, Callable
from typing import Final

import orjson
from starlette.datastructures import Headers
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from consent.vocabulary import Channel, DataClass, Purpose
from credit.core.evidence_files import PREFIX
from gateway.files.media_types import EXTENSIONS
from gateway.files.upload import UploadService
from gateway.http.errors import Code, HttpRefusal
from gateway.http.limits.body_limits import read_body
from policy.actions import Action
from policy.actors import Actor, Role
from policy.decisions import Decisions, Withheld
from schema.core.ports import GraphQLRequest, GraphQLResponse
from schema.execution.service import GraphQLService

Authenticate = Callable[[Headers], Awaitable[Actor]]
DOCUMENT: Final = "query($r: String!) { evidenceFiles(reference: $r, first: 1) { nodes { mediaType content } } }"
ACCEPTED: Final = frozenset({"application/octet-stream", *EXTENSIONS})
"""Content types that make a browser ask before another site's page may send them [CORS preflight]."""
SECONDS: Final = 120.0
"""How long an upload may take: a phone sends ten megabytes in a minute."""
NAME_LETTERS: Final = 8
POLICY: Final = "default-src 'none'; sandbox; frame-ancestors 'none'"
PURPOSES: Final = frozenset(purpose.value for purpose in Purpose)


def file_routes(service: GraphQLService, authenticate: Authenticate, uploads: UploadService) -> list[Route]:
    """Return the routes of files."""
    return [
        Route("/files", UploadEndpoint(lambda: service.policy, authenticate, uploads)),
        Route("/files/{reference}", DownloadEndpoint(service, authenticate)),
    ]


class UploadEndpoint:
    """The ASGI endpoint of uploads: the body is the file itself, without a name. Raises HttpRefusal."""

    def __init__(self, policy: Callable[[], Decisions], authenticate: Authenticate, uploads: UploadService) -> None:
        self._policy = policy
        self._authenticate = authenticate
        self._uploads = uploads

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        if scope["method"] != "POST":
            raise HttpRefusal(Code.METHOD_NOT_ALLOWED)
        actor, purpose = await caller_of(scope, headers, self._authenticate)
        self._admit(actor, purpose)
        if headers.get("content-type", "").partition(";")[0].strip().lower() not in ACCEPTED:
            raise HttpRefusal(Code.FILE_CONTENT_TYPE)
        if headers.get("content-encoding", "identity").lower() != "identity":
            raise HttpRefusal(Code.FILE_CONTENT_TYPE)
        try:
            async with asyncio.timeout(SECONDS):
                content = await read_body(headers, receive, self._uploads.limits.one_file)
        except TimeoutError:
            raise HttpRefusal(Code.TIMEOUT) from None
        facts = await self._uploads.accept(actor, content)
        expires_at = facts.uploaded_at + self._uploads.limits.keep
        answer = {
            "reference": facts.reference,
            "mediaType": facts.media_type,
            "size": facts.size,
            "scan": facts.scan,
            "expiresAt": expires_at.isoformat(),
        }
        await JSONResponse(answer, 201)(scope, receive, send)

    def _admit(self, actor: Actor, purpose: str | None) -> None:
        """Raise HttpRefusal unless the policy lets *actor* add evidence for *purpose*."""
        if actor.role is Role.ANONYMOUS:
            raise HttpRefusal(Code.TOKEN_REFUSED)
        if purpose not in PURPOSES:
            raise HttpRefusal(Code.FILE_PURPOSE)
        scopes = self._policy().act(actor.role, Purpose(purpose), DataClass.EVIDENCE_FILE, Action.WRITE)
        if isinstance(scopes, Withheld):
            raise HttpRefusal(Code.FILE_NOT_ADMITTED)


class DownloadEndpoint:
    """The ASGI endpoint of a file: bearer token and purpose as for `/graphql`. Raises HttpRefusal."""

    def __init__(self, service: GraphQLService, authenticate: Authenticate) -> None:
        self._service = service
        self._authenticate = authenticate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] != "GET":
            raise HttpRefusal(Code.METHOD_NOT_ALLOWED)
        actor, purpose = await caller_of(scope, Headers(scope=scope), self._authenticate)
        reference = scope["path_params"]["reference"]
        graphql_request = GraphQLRequest(
            query=DOCUMENT,
            actor=actor,
            request_id=scope["request_id"],
            method="GET",
            variables={"r": reference},
            purpose=purpose,
            channel=Channel.DOCUMENT,
        )
        await _response(await self._service.execute(graphql_request), reference)(scope, receive, send)


async def caller_of(scope: Scope, headers: Headers, authenticate: Authenticate) -> tuple[Actor, str | None]:
    """Return the caller and the purpose that it states."""
    purposes = headers.getlist("access-purpose")
    if len(purposes) > 1:
        raise HttpRefusal(Code.TWO_PURPOSES)
    actor = await authenticate(headers)
    stated = purposes[0] if purposes else None
    logged = stated if stated in PURPOSES else None
    scope["facts"].update({"role": actor.role, "department": actor.department, "purpose": logged})
    return actor, stated


def _response(answer: GraphQLResponse, reference: str) -> Response:
    found = orjson.loads(answer.body)
    if not answer.executed or found.get("errors"):
        status = answer.status if not answer.executed else 403
        return Response(answer.body, status, media_type="application/json; charset=utf-8")
    nodes = found["data"]["evidenceFiles"]["nodes"]
    if not nodes or nodes[0]["content"] is None:
        raise HttpRefusal(Code.NOT_FOUND)
    kind = nodes[0]["mediaType"]
    name = f"{reference.removeprefix(PREFIX)[:NAME_LETTERS]}.{EXTENSIONS[kind]}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Content-Security-Policy": POLICY}
    return Response(b64decode(nodes[0]["content"]), media_type=kind, headers=headers)
