"""Pages for developers: GraphiQL from our own files, and in demo mode a landing page with queries to copy."""

import shlex
from collections.abc import Mapping, Sequence
from hashlib import sha256
from html import escape
from pathlib import Path

import orjson
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from consent.vocabulary import Purpose
from gateway.auth.dev_issuer import DevIssuer, Example, Persona
from gateway.http.security_headers import PAGE_POLICY
from gateway.settings.settings import Settings
from policy.actors import Role
from schema.core.enum_terms import ZH

STATIC = Path(__file__).resolve().parents[1] / "static"
FILES = {"graphiql.js": "text/javascript", "graphiql.css": "text/css", "LICENSES.txt": "text/plain"}
NAMED_PURPOSES: Mapping[Purpose, str] = {purpose: ZH["Purpose"][purpose.name].partition(" ")[0] for purpose in Purpose}
"""The Chinese names of the schema, without their clauses."""
NAMED_ROLES: Mapping[Role, str] = {role: ZH["Role"][role.name] for role in Role}
WELCOME = "# 诚信网关：先选择身份与查询目的，再按 Ctrl+Enter 查询。\n{\n  __typename\n}\n"
GRAPHIQL = (
    '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>诚信网关 · GraphiQL</title>'
    '<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">'
    '<link rel="stylesheet" href="/static/graphiql.css"></head><body><div id="root"></div>'
    '<script type="module" src="/static/graphiql.js"></script></body></html>'
)
STYLE = (
    "body{font:16px/1.6 system-ui,'Noto Sans CJK SC','PingFang SC','Microsoft YaHei',sans-serif;color:#14324f;"
    "max-width:60rem;margin:2rem auto;padding:0 1rem}pre{background:#f2f5f8;padding:.8rem;overflow-x:auto;"
    "border-radius:6px;font-size:13px;white-space:pre-wrap;word-break:break-all}h3{margin-bottom:.2rem}small{color:#5b7186}"
)


def graphiql_routes(issuer: DevIssuer | None, public: Sequence[Example] = ()) -> list[Route]:
    """Return GraphiQL's page, its files and its choices: the personas of *issuer*, or a field for a token."""
    config = {
        "endpoint": "/graphql",
        "demo": issuer is not None,
        "welcome": WELCOME,
        "purposes": [{"value": purpose, "label": label} for purpose, label in NAMED_PURPOSES.items()],
        "roles": {role.value: label for role, label in NAMED_ROLES.items()},
        "personas": [_persona(persona) for persona in issuer.personas.values()] if issuer else [],
        "examples": [_example(example) for example in public],
    }

    async def page(_: Request) -> Response:
        return HTMLResponse(GRAPHIQL, headers={"Content-Security-Policy": PAGE_POLICY})

    async def offer(_: Request) -> Response:
        return JSONResponse(config)

    files = [_file(name, media) for name, media in FILES.items()]
    return [Route("/graphiql", page), Route("/graphiql/config.json", offer), *files]


def landing_routes(settings: Settings, issuer: DevIssuer, public: Sequence[Example] = ()) -> list[Route]:
    """Return the landing page of a demo."""
    content = landing(settings, issuer, public)

    async def page(_: Request) -> Response:
        return HTMLResponse(content, headers={"Content-Security-Policy": PAGE_POLICY})

    return [Route("/", page)]


def landing(settings: Settings, issuer: DevIssuer, public: Sequence[Example] = ()) -> str:
    """Return the landing page: the addresses, and for every persona queries to copy into a terminal."""
    base = address(settings)
    places = [("/graphql", "GraphQL 接口"), ("/dev/token?persona=…", "演示令牌"), ("/dev/jwks.json", "演示公钥")]
    places += [("/healthz", "进程存活"), ("/readyz", "可否受理")]
    places += [("/graphiql", "在浏览器中查询")] if settings.graphiql else []
    places += [("/metrics", "运行指标")] if settings.metrics else []
    listed = "".join(_place(base, path, label) for path, label in places)
    anonymous = "".join(_pasted(curl(base, None, example), example) for example in public)
    personas = "".join(
        f"<h3>{escape(persona.title)} <small>{escape(persona.name)}</small></h3>"
        + "".join(_pasted(curl(base, persona, example), example) for example in persona.examples)
        for persona in issuer.personas.values()
    )
    return (
        '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>诚信网关 · 演示</title>'
        f'<link rel="icon" href="data:,"><style>{STYLE}</style></head><body>'
        f"<h1>诚信网关 <small>Chengxin Gateway</small></h1>"
        f"<p>演示环境：人员与企业均为虚构。每次查询须说明目的，并在返回之前留痕。</p><ul>{listed}</ul>"
        f"<h2>公众</h2>{anonymous}<h2>各类身份</h2>{personas}</body></html>"
    )


def curl(base: str, persona: Persona | None, example: Example, token: str | None = None) -> str:
    """Return the command that sends *example* as *persona*, with *token* or with one that the command fetches."""
    parts = ["curl", "-s", shlex.quote(f"{base}/graphql"), "-H", shlex.quote("Content-Type: application/json")]
    if persona:
        fetched = f"$(curl -s {shlex.quote(f'{base}/dev/token?persona={persona.name}')})"
        parts += ["-H", f'"Authorization: Bearer {token or fetched}"']
        if len(persona.roles) > 1:
            parts += ["-H", shlex.quote(f"Acting-Role: {persona.roles[0]}")]
    if example.purpose:
        parts += ["-H", shlex.quote(f"Access-Purpose: {example.purpose}")]
    # A query with a comment or a block string cannot be put on one line.
    query = example.query if "#" in example.query or '"' in example.query else " ".join(example.query.split())
    graphql_request: dict[str, object] = {"query": query}
    if example.variables:
        graphql_request["variables"] = example.variables
    return " ".join([*parts, "-d", shlex.quote(orjson.dumps(graphql_request).decode())])


def address(settings: Settings) -> str:
    """Return the address of this gateway, as seen from its own machine."""
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"http://{host}:{settings.port}"


def _persona(persona: Persona) -> dict[str, object]:
    return {
        "name": persona.name,
        "title": persona.title,
        "roles": list(persona.roles),
        "purpose": persona.purpose,
        "examples": [_example(example) for example in persona.examples],
    }


def _example(example: Example) -> dict[str, object]:
    return {"title": example.title, "query": example.query, "purpose": example.purpose, "variables": example.variables}


def _place(base: str, path: str, label: str) -> str:
    return f'<li><a href="{path.partition("?")[0]}">{escape(base + path)}</a> {label}</li>'


def _pasted(command: str, example: Example) -> str:
    return f"<p>{escape(example.title)}</p><pre>{escape(command)}</pre>"


def _file(name: str, media: str) -> Route:
    content = (STATIC / name).read_bytes()
    tag = f'"{sha256(content).hexdigest()[:32]}"'

    async def serve(request: Request) -> Response:
        # The file is the same for every caller, so a browser may cache it and revalidate by its ETag.
        headers = {"ETag": tag, "Cache-Control": "no-cache"}
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers=headers)
        return Response(content, media_type=media, headers=headers)

    return Route(f"/static/{name}", serve)
