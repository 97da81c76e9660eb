"""GraphiQL for developers, from our own files, and the commands that ask what its examples ask.

`/graphiql` is the page, `/graphiql/try/…` the page with an example of the start page, `/graphiql/as/…` the page as a
persona. An address names documents and personas that are committed here; nothing else stands in one.
"""

import gzip
import shlex
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Protocol

import orjson
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from consent.vocabulary import Purpose
from gateway.auth.dev_issuer import DevIssuer, Example, Persona
from gateway.http.errors import Code, HttpRefusal
from gateway.http.security_headers import PAGE_POLICY
from policy.actors import Role
from schema.core.words.enum_terms import ZH

STATIC = Path(__file__).resolve().parents[1] / "static"
FILES = {
    "graphiql.js": "text/javascript",
    "graphiql-prettier.js": "text/javascript",
    "graphiql-worker.js": "text/javascript",
    "graphiql-worker-editor.js": "text/javascript",
    "graphiql-worker-json.js": "text/javascript",
    "graphiql.css": "text/css",
    "graphiql-icons.ttf": "font/ttf",
    "LICENSES.txt": "text/plain",
}
"""What the page loads. All but the licences are stored compressed, and sent so to whoever takes it."""
NAMED_PURPOSES: Mapping[Purpose, str] = {purpose: ZH["Purpose"][purpose.name].partition(" ")[0] for purpose in Purpose}
"""The Chinese names of the schema, without their clauses."""
NAMED_ROLES: Mapping[Role, str] = {role: ZH["Role"][role.name] for role in Role}
NAMED_WORDS: Mapping[str, Mapping[str, str]] = {name: ZH[name] for name in ("AccessOutcome", "WithheldReason", "Basis")}
"""What the panel shows of `explainAccess`."""
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


class RunLink(Protocol):
    """An example with a page of its own, on which it is run by one press; *persona* is None without a token."""

    @property
    def word(self) -> str: ...
    @property
    def persona(self) -> str | None: ...
    @property
    def example(self) -> Example: ...


def graphiql_routes(
    issuer: DevIssuer | None, public: Sequence[Example] = (), links: Sequence[RunLink] = (), *, has_login: bool = False
) -> list[Route]:
    """Return GraphiQL's page, its files and its choices: the personas of *issuer*, login, or a field for a token.

    *links* are examples of the start page, each with an address that opens it.
    """
    config = {
        "endpoint": "/graphql",
        "demo": issuer is not None,
        "login": has_login,
        "welcome": WELCOME,
        "purposes": [{"value": purpose, "label": label} for purpose, label in NAMED_PURPOSES.items()],
        "roles": {role.value: label for role, label in NAMED_ROLES.items()},
        "words": NAMED_WORDS,
        "personas": [_persona(persona) for persona in issuer.personas.values()] if issuer else [],
        "examples": [_example(example) for example in public],
        "steps": [
            {"word": link.word, "persona": link.persona, "example": _example(link.example)}
            for link in (links if issuer else ())
        ],
    }
    openable = {
        "try": {link.word for link in (links if issuer else ())},
        "as": set(issuer.personas) if issuer else set(),
    }

    async def page(request: Request) -> Response:
        named = request.path_params
        if named and named["word"] not in openable.get(named["kind"], ()):
            raise HttpRefusal(Code.NOT_FOUND)
        return HTMLResponse(GRAPHIQL, headers={"Content-Security-Policy": PAGE_POLICY})

    async def offer(_: Request) -> Response:
        return JSONResponse(config)

    files = [_file(name, media) for name, media in FILES.items()]
    pages = [Route("/graphiql", page), Route("/graphiql/{kind}/{word}", page)]
    return [*pages, Route("/graphiql/config.json", offer), *files]


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
    packed = STATIC / f"{name}.gz"
    content, is_packed = (packed.read_bytes(), True) if packed.exists() else ((STATIC / name).read_bytes(), False)
    tag = sha256(content).hexdigest()[:32]

    async def serve(request: Request) -> Response:
        sends_packed = is_packed and _takes_gzip(request.headers.get("accept-encoding", ""))
        # The file is the same for every caller, so a browser may cache it and revalidate by its ETag.
        headers = {"ETag": f'"{tag}{"-gzip" * sends_packed}"', "Cache-Control": "no-cache"}
        if is_packed:
            headers["Vary"] = "Accept-Encoding"
        if request.headers.get("if-none-match") == headers["ETag"]:
            return Response(status_code=304, headers=headers)
        if sends_packed:
            return Response(content, media_type=media, headers={**headers, "Content-Encoding": "gzip"})
        return Response(gzip.decompress(content) if is_packed else content, media_type=media, headers=headers)

    return Route(f"/static/{name}", serve)


def _takes_gzip(accept_encoding: str) -> bool:
    """Return whether the header names gzip, or everything, and does not exclude it [RFC 9110, 12.5.3]."""
    weights = {}
    for each in accept_encoding.lower().split(","):
        coding, _, weight = each.replace(" ", "").partition(";q=")
        weights[coding] = weight.strip("0.") != "" or not weight
    return weights.get("gzip", weights.get("*", False))
