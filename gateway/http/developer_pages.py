"""GraphiQL for developers, from our own files, and the commands that ask what its examples ask."""

import shlex
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path

import orjson
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from consent.vocabulary import Purpose
from gateway.auth.dev_issuer import DevIssuer, Example, Persona
from gateway.http.security_headers import PAGE_POLICY
from policy.actors import Role
from schema.core.words.enum_terms import ZH

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


def graphiql_routes(
    issuer: DevIssuer | None, public: Sequence[Example] = (), *, has_login: bool = False
) -> list[Route]:
    """Return GraphiQL's page, its files and its choices: the personas of *issuer*, login, or a field for a token."""
    config = {
        "endpoint": "/graphql",
        "demo": issuer is not None,
        "login": has_login,
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
