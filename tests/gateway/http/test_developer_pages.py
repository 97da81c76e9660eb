"""The pages for developers: all from our own files, and nothing of the demo in production."""

import gzip
import re
import shutil
import subprocess
from dataclasses import replace
from hashlib import sha256
from html import unescape
from pathlib import Path

import httpx
import orjson
import pytest
from starlette.datastructures import Headers

from consent.vocabulary import Purpose
from gateway.auth.dev_issuer import Example
from gateway.http.app import build_app, server_options
from gateway.http.developer_pages import FILES, NAMED_ROLES, STATIC, curl
from gateway.settings.settings import Mode
from policy.actors import ANONYMOUS, Actor, Role
from tests.gateway.fakes import PERSONAS, HttpServer, ServerThread, ToyService, settings_for


async def nobody(_: Headers) -> Actor:
    return ANONYMOUS


async def fine() -> None:
    return None


async def failing() -> None:
    raise ConnectionError("no route to postgresql://secret")


def test_graphiql_loads_nothing_from_elsewhere(http_server: HttpServer):
    page = http_server.client.get("/graphiql")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "script-src 'self'; worker-src 'self';" in page.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
    for address in re.findall(r'(?:src|href)="([^"]+)"', page.text):
        assert address.startswith(("/static/", "data:,")), address
        if address.startswith("/"):
            assert http_server.client.get(address).status_code == 200
    style = http_server.client.get("/static/graphiql.css").text
    assert set(re.findall(r"url\(['\"]?(?!data:|#)([^)]*?)['\"]?\)", style)) == {"./graphiql-icons.ttf"}
    assert "@import" not in style


def test_its_files_are_small_licensed_and_what_the_build_has_listed():
    assert sum(file.stat().st_size for file in STATIC.iterdir() if file.is_file()) < 4_000_000
    licences = (STATIC / "LICENSES.txt").read_text(encoding="utf-8")
    assert {"graphiql 5", "@graphiql/react 0.39", "monaco-editor 0.5"} <= set(
        re.findall(r"^(?:graphiql \d|@graphiql/react 0\.\d+|monaco-editor 0\.\d)", licences, re.MULTILINE)
    )
    listed = {file["name"]: file for file in orjson.loads((STATIC / "graphiql.json").read_bytes())["files"]}
    assert listed.keys() == FILES.keys() - {"LICENSES.txt"}
    for name, file in listed.items():
        content = gzip.decompress((STATIC / f"{name}.gz").read_bytes())
        assert (file["sha256"], file["bytes"]) == (sha256(content).hexdigest(), len(content)), name


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("gzip, deflate, br", "gzip"),
        ("*", "gzip"),
        ("br;q=1.0, gzip;q=0.5", "gzip"),
        ("gzip;q=0", None),
        ("*, gzip;q=0.0", None),
        ("br", None),
        ("", None),
    ],
)
def test_a_file_is_sent_compressed_to_whoever_takes_it_and_cached_while_unchanged(
    accepted: str, coding: str | None, http_server: HttpServer
):
    """[RFC 9110, 12.5.3]: two representations have two ETags."""
    asked = {"Accept-Encoding": accepted}
    first = http_server.client.get("/static/graphiql.css", headers=asked)
    assert first.headers.get("content-encoding") == coding
    assert first.headers["cache-control"] == "no-cache"
    assert "Accept-Encoding" in first.headers["vary"]
    assert ".graphiql-container" in first.text
    assert first.headers["etag"].endswith('-gzip"') is (coding is not None)
    again = http_server.client.get("/static/graphiql.css", headers={**asked, "If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_the_bar_offers_personas_purposes_and_examples(http_server: HttpServer):
    offer = http_server.client.get("/graphiql/config.json").json()
    assert [persona["name"] for persona in offer["personas"]] == ["clerk", "handler", "subject"]
    assert offer["personas"][1]["roles"] == ["handler", "clerk"]
    assert {"value": "FOCUSED_CHECK", "label": "重点核查"} in offer["purposes"]
    assert set(NAMED_ROLES) == set(Role)
    assert [one["value"] for one in offer["purposes"]] == list(Purpose)


def test_the_first_page_lists_addresses_and_commands_for_every_persona(http_server: HttpServer):
    answer = http_server.client.get("/")
    page = answer.text
    assert '<html lang="zh-CN">' in page
    for words in ("/graphql", "/readyz", "/graphiql", "窗口人员", "案件经办人", "本人", "persona=clerk"):
        assert words in page
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert not re.search(r"<script|<style| style=| on[a-z]+=", page)
    style = http_server.client.get("/static/portal.css")
    assert (style.status_code, style.headers["content-type"]) == (200, "text/css; charset=utf-8")
    again = http_server.client.get("/static/portal.css", headers={"If-None-Match": style.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    "path",
    ["/try/nothing", "/graphiql/try/nothing", "/graphiql/as/nobody", "/graphiql/by/clerk", "/graphiql/as/clerk/x"],
)
def test_a_link_to_try_that_is_none_is_not_found(path: str, http_server: HttpServer):
    assert http_server.client.get(path).status_code == 404


@pytest.mark.skipif(not shutil.which("curl"), reason="needs curl")
@pytest.mark.subprocess
def test_the_commands_of_the_first_page_work_as_they_stand(http_server: HttpServer):
    commands = [
        unescape(found) for found in re.findall(r"<pre>(.*?)</pre>", http_server.client.get("/").text, re.DOTALL)
    ]
    assert len(commands) == 4
    for command in commands:
        here = command.replace("127.0.0.1:8000", f"127.0.0.1:{http_server.port}")
        shown = subprocess.run(["bash", "-c", here], capture_output=True, text=True, timeout=20, check=True).stdout
        assert shown.startswith('{"data":'), command


def test_a_command_survives_quotes_and_carries_role_purpose_and_token():
    example = Example("引号", 'query { greet(name: "it\'s") } # 说明', "REVIEW")
    command = curl("http://127.0.0.1:8000", PERSONAS[1], example, token="abc")
    assert '"Authorization: Bearer abc"' in command
    assert "'Acting-Role: handler'" in command
    assert "'Access-Purpose: REVIEW'" in command


def test_production_has_no_pages_unless_asked_for_and_no_personas_ever(tmp_path: Path):
    production = replace(settings_for(tmp_path), mode=Mode.PRODUCTION, graphiql=False, metrics=False)
    for settings, graphiql in ((production, 404), (replace(production, graphiql=True), 200)):
        app = build_app(settings, ToyService(), nobody, checks={})
        with (
            ServerThread(app, server_options(settings)) as running,
            httpx.Client(base_url=running.url, timeout=30) as client,
        ):
            statuses = {
                path: client.get(path).status_code for path in ("/", "/dev/token?persona=clerk", "/dev/jwks.json")
            }
            assert set(statuses.values()) == {404}
            assert client.get("/metrics").status_code == 404
            assert client.get("/graphiql").status_code == graphiql
            assert client.get("/graphiql/as/clerk").status_code == 404
            assert client.get("/healthz").headers["strict-transport-security"] == "max-age=31536000"
            if graphiql == 200:
                offer = client.get("/graphiql/config.json").json()
                assert (offer["personas"], offer["demo"]) == ([], False)


def test_readiness_says_which_check_failed_and_nothing_else(tmp_path: Path):
    settings = settings_for(tmp_path)
    app = build_app(settings, ToyService(), nobody, checks={"database": failing, "policy": fine})
    with (
        ServerThread(app, server_options(settings)) as running,
        httpx.Client(base_url=running.url, timeout=30) as client,
    ):
        answer = client.get("/readyz")
        assert answer.status_code == 503
        assert answer.json() == {"status": "not ready", "checks": {"database": "not ready", "policy": "ready"}}
        assert client.get("/healthz").json() == {"status": "alive"}


def test_a_ready_server_reports_ready(http_server: HttpServer):
    answer = http_server.client.get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ready", "checks": {"database": "ready"}})
