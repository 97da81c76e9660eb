"""`GET /notices/{id}`: a document; `/check`: the public page that checks a code [A].

A document is read through GraphQLService, so it has the same guard and access log as any read.
"""

from base64 import b64decode
from collections.abc import Awaitable, Callable
from html import escape
from typing import Final
from urllib.parse import parse_qs, quote

import orjson
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from consent.vocabulary import Channel, Purpose
from credit.notices.issued_notice import Checked, NoticeService
from credit.notices.refusals import TooManyChecks
from gateway.http.client_network import ClientNetworks
from gateway.http.developer_pages import STYLE
from gateway.http.errors import Code, HttpRefusal
from gateway.http.limits.body_limits import read_body
from policy.actors import Actor
from schema.core.ports import GraphQLRequest, GraphQLResponse, Runtime
from schema.execution.service import GraphQLService

Authenticate = Callable[[Headers], Awaitable[Actor]]
DOCUMENT: Final = "query($i: ID!) { node(id: $i) { ... on IssuedNotice { kind number pdf } } }"
POLICY: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'; base-uri 'none'; "
    "form-action 'self'"
)
LONGEST: Final = 512
PURPOSES: Final = frozenset(purpose.value for purpose in Purpose)


def routes(
    service: GraphQLService,
    authenticate: Authenticate,
    notices: NoticeService,
    runtime: Runtime,
    networks: ClientNetworks,
) -> list[Route]:
    """Return the routes of documents and of the check page."""
    page = CheckPage(notices, runtime, networks)
    return [
        Route("/notices/{id}", Download(service, authenticate)),
        Route("/check", page.form, methods=["GET"]),
        Route("/check", page.answer, methods=["POST"]),
    ]


class Download:
    """The ASGI endpoint of a document: bearer token and purpose as for `/graphql`."""

    def __init__(self, service: GraphQLService, authenticate: Authenticate) -> None:
        self._service = service
        self._authenticate = authenticate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] != "GET":
            raise HttpRefusal(Code.METHOD_NOT_ALLOWED)
        headers = Headers(scope=scope)
        purposes = headers.getlist("access-purpose")
        if len(purposes) > 1:
            raise HttpRefusal(Code.TWO_PURPOSES)
        actor = await self._authenticate(headers)
        stated = purposes[0] if purposes else None
        scope["facts"].update(
            {"role": actor.role, "department": actor.department, "purpose": stated if stated in PURPOSES else None}
        )
        variables = {"i": scope["path_params"]["id"]}
        graphql_request = GraphQLRequest(
            query=DOCUMENT,
            actor=actor,
            request_id=scope["request_id"],
            method="GET",
            variables=variables,
            purpose=stated,
            channel=Channel.DOCUMENT,
        )
        await _response(await self._service.execute(graphql_request))(scope, receive, send)


def _response(answer: GraphQLResponse) -> Response:
    found = orjson.loads(answer.body)
    node = (found.get("data") or {}).get("node")
    if not answer.executed or found.get("errors"):
        status = answer.status if not answer.executed else 403
        return Response(answer.body, status, media_type="application/json; charset=utf-8")
    if not node or node.get("pdf") is None:
        raise HttpRefusal(Code.NOT_FOUND)
    # The number may hold brackets and Chinese: an ASCII name for old clients, the whole in UTF-8 for others [RFC 6266].
    name = quote(f"{node['number']}.pdf", safe="")
    disposition = f"attachment; filename=\"{node['kind'].lower()}.pdf\"; filename*=UTF-8''{name}"
    return Response(b64decode(node["pdf"]), media_type="application/pdf", headers={"Content-Disposition": disposition})


class CheckPage:
    """A page without script: the code is posted, so that no address and no log contains it."""

    def __init__(self, notices: NoticeService, runtime: Runtime, networks: ClientNetworks) -> None:
        self._notices = notices
        self._runtime = runtime
        self._networks = networks

    async def form(self, _: Request) -> Response:
        return _page("")

    async def answer(self, request: Request) -> Response:
        body = await read_body(request.headers, request.receive, LONGEST)
        code = parse_qs(body.decode("utf-8", "replace")).get("code", [""])[0]
        today = self._runtime.today(self._runtime.now())
        try:
            found = await self._notices.check(code, today, self._networks.of(request.scope))
        except TooManyChecks as refused:
            request.scope["retry_at"] = refused.until
            return _page(f"<p><strong>{refused.message_zh}</strong><br>{refused.message}</p>", 429)
        return _page(_result(found))


def _result(found: Checked | None) -> str:
    if found is None:
        return (
            "<p><strong>未查到该核验码对应的文书。</strong>请核对后重新输入；如仍有疑问，请向文书所载部门查询。<br>"
            "No document with this code was issued here.</p>"
        )
    stands = (
        "文书真实，目前有效。<br>Genuine, and still in effect."
        if found.stands
        else "文书真实，制作时有效，此后情况已有变化。<br>Genuine and valid when issued; things have changed since."
    )
    day = f"{found.issued_on.year}年{found.issued_on.month}月{found.issued_on.day}日"
    rows = (("文书", found.kind.zh), ("文号", found.number), ("制作单位", found.department), ("日期", day))
    listed = "".join(f"<dt>{label}</dt><dd>{escape(text)}</dd>" for label, text in rows)
    return f"<p><strong>{stands}</strong></p><dl>{listed}</dl><p>请与手中文书逐项核对；任何一项不同，即不是该文书。</p>"


def _page(result: str, status: int = 200) -> Response:
    content = (
        '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>文书核验 · 诚信网关</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">'
        f"<style>{STYLE}</style></head><body><h1>文书核验 <small>Check a document</small></h1>"
        f'<div role="status">{result}</div><form method="post" action="/check"><p><label for="code">核验码（文书页脚）'
        ' <small>the code at the foot</small></label></p><p><input id="code" name="code" required maxlength="64" '
        'autocomplete="off" spellcheck="false" size="24" placeholder="ABCD-EFGH-IJKL-MNOP"> '
        '<button type="submit">核验</button></p></form></body></html>'
    )
    return HTMLResponse(content, status, headers={"Content-Security-Policy": POLICY})
