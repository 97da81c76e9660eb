"""Tokens of a real OpenID Connect provider, npm `oidc-provider`, at a gateway in production [OIDC Core] [RFC 9068].

A person signs in with code and PKCE, links its account, reads its own log, and signs in again. `make oidc` runs it.
"""

import asyncio
import os
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.application import build_application
from gateway.http.app import server_options
from gateway.server import more_routes
from gateway.services import build_services
from gateway.settings.settings import read
from gateway.telemetry import logging as log
from policy.crypto.keyring import Keyring
from tests.builders import World
from tests.credit.subjects.synthetic_numbers import id_number
from tests.gateway.fakes import LogStream, ServerThread
from tests.oidc.client import GATEWAY, IS_INSTALLED, Provider, running_provider, through_the_pages
from tests.world_snapshots import record_world

pytestmark = [
    pytest.mark.subprocess,
    pytest.mark.skipif(not IS_INSTALLED, reason="needs Node and npm ci in tests/oidc: run make oidc"),
]
NAME, NUMBER = "演示癸", id_number(born="19111101", sequence="961")
PERSON = {"auth_level": "L3", "user": {"xm": NAME, "zjhm": NUMBER}}
"""As a government identity platform states it: name and number, and nothing of ours."""
NEW, KNOWN, CLERK = "WX+dGhlIHN1YiBpcyBvcGFxdWU/==|1", "known@id.example#7", "staff 1024"
"""Accounts: any text [OIDC Core 2]."""
ME = """query @purpose(is: SELF_ACCESS) {
  viewer { role ref } mySubject { id: canonicalId name registrations { nodes { channel } } }
}"""
LOG = "query @purpose(is: SELF_ACCESS) { myAccessLog(first: 5) { nodes { actor purpose fieldsShown { field } } } }"
VIEWER = "{ viewer { role department } }"


@dataclass(frozen=True, slots=True)
class Signed:
    """A gateway in production, the provider that it trusts, and what it logged."""

    client: httpx.Client
    provider: Provider
    world: World
    lines: LogStream

    def ask(self, token: str | None, query: str) -> dict[str, Any]:
        headers = {"Accept": "application/graphql-response+json", **bearer(token)}
        found: dict[str, Any] = self.client.post("/graphql", json={"query": query}, headers=headers).json()
        return found

    def link(self, token: str) -> httpx.Response:
        return self.client.post("/link", headers=bearer(token))


def bearer(token: str | None) -> dict[str, str]:
    return {} if token is None else {"Authorization": f"Bearer {token}"}


def codes(answer: dict[str, Any]) -> list[str]:
    return [error["extensions"]["code"] for error in answer["errors"]]


@pytest.fixture(scope="module")
async def signed(shared_url: str, kek: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Signed]:
    world = await record_world(shared_url, Keyring.load(kek, os.urandom))
    known = world.party("person-1")
    accounts = {
        NEW: PERSON,
        KNOWN: {**PERSON, "user": {"xm": known.name, "zjhm": known.number}},
        CLERK: {"roles": ["clerk"], "department": "LZ-SCJG"},
    }
    secret = tmp_path_factory.mktemp("client") / "secret"
    secret.write_text("secret of: the gateway+1\n")
    with running_provider(tmp_path_factory.mktemp("oidc"), accounts) as provider:
        chosen = {
            "MODE": "production", "DATABASE_URL": shared_url, "KEK_FILE": str(kek), "OIDC_ISSUER": provider.issuer,
            "OIDC_AUDIENCE": "chengxin", "OIDC_JWKS_URL": provider.metadata["jwks_uri"], "CLOCK_SKEW_SECONDS": "0",
            "OIDC_DEFAULT_ROLE": "subject", "OIDC_NAME_CLAIM": "user.xm", "OIDC_NUMBER_CLAIM": "/user/zjhm",
            "OIDC_ASSURANCE": "auth_level=L3,L4", "LINK_AREA": "370305",
            "LOGIN": "on", "PUBLIC_URL": "https://gateway.example", "OIDC_CLIENT_ID": "gateway",
            "OIDC_CLIENT_SECRET_FILE": str(secret), "OIDC_SCOPES": "openid identity", "OIDC_RESOURCE": GATEWAY,
            "LEDGER_STORE": f"file:{kek.parent}", "LEDGER_ORIGIN": "credit.linzi.example",
        }  # fmt: skip
        settings = read({f"CHENGXIN_{name}": value for name, value in chosen.items()})
        lines = LogStream()
        log.configure(settings, lines)
        services = await asyncio.to_thread(build_services, settings)
        app = build_application(services, None, more_routes=more_routes)
        with (
            ServerThread(app, server_options(settings)) as running,
            httpx.Client(base_url=running.url, timeout=30) as client,
        ):
            yield Signed(client, provider, world, lines)


def test_a_person_signs_in_links_reads_its_log_and_signs_in_again(signed: Signed) -> None:
    """[5.1.6]"""
    assert signed.ask(None, VIEWER)["data"]["viewer"]["role"] == "anonymous"
    token = signed.provider.sign_in(NEW)
    assert codes(signed.ask(token, ME)) == ["NOT_LINKED"]

    linked = signed.link(token)
    assert (linked.status_code, linked.json()["outcome"]) == (201, "LINKED"), linked.text
    mine = signed.ask(token, ME)["data"]
    assert mine["mySubject"] == {
        "id": linked.json()["subject"], "name": NAME, "registrations": {"nodes": [{"channel": "ACCOUNT"}]}
    }  # fmt: skip
    assert (mine["viewer"]["role"], mine["viewer"]["ref"][:5]) == ("subject", "acct-")
    (entry, *_) = signed.ask(token, LOG)["data"]["myAccessLog"]["nodes"]
    assert entry["purpose"] == "SELF_ACCESS"
    assert {"field": "NaturalPerson.name"} in entry["fieldsShown"]

    later = signed.provider.sign_in(NEW)
    assert later != token
    assert signed.ask(later, ME)["data"] == mine
    assert (signed.link(later).status_code, signed.link(later).json()) == (200, linked.json())
    logged = signed.lines.getvalue()
    assert logged
    assert [secret for secret in (NAME, NUMBER, NEW, token, later) if secret in logged] == []


def test_one_on_record_is_found(signed: Signed) -> None:
    token = signed.provider.sign_in(KNOWN)
    party = signed.world.party("person-1")
    assert signed.link(token).json()["subject"] == party.gid
    assert signed.ask(token, ME)["data"]["mySubject"]["name"] == party.name


def test_staff_signs_in_and_is_no_subject(signed: Signed) -> None:
    token = signed.provider.sign_in(CLERK)
    assert signed.ask(token, VIEWER)["data"]["viewer"] == {"role": "clerk", "department": "LZ-SCJG"}
    assert codes(signed.link(token).json()) == ["LINK_NOT_ADMITTED"]


def test_wrong_expired_and_forged_tokens_are_refused_everywhere(signed: Signed) -> None:
    """[RFC 9068 section 4]"""
    good, clerk = signed.provider.sign_in(KNOWN), signed.provider.sign_in(CLERK)
    expired = signed.provider.sign_in(KNOWN, f"{GATEWAY}briefly")
    head, body, signature = good.split(".")
    tokens = {
        "another audience": (signed.provider.sign_in(KNOWN, "https://elsewhere.example/"), "TOKEN_REFUSED"),
        "claims of another token": (f"{head}.{clerk.split('.')[1]}.{signature}", "TOKEN_REFUSED"),
        "no signature": (f"{head}.{body}.", "TOKEN_REFUSED"),
        "expired": (expired, "TOKEN_EXPIRED"),
    }
    time.sleep(1.1)  # the provider's shortest lifetime is one second
    for case, (token, code) in tokens.items():
        linked = signed.link(token)
        assert (linked.status_code, codes(linked.json())) == (401, [code]), case
        assert codes(signed.ask(token, ME)) == [code], case


def test_a_browser_logs_in_acts_and_logs_out_here_and_at_the_provider(signed: Signed) -> None:
    """The gateway is a confidential client; its cookie is `Secure`, so the browser is played by hand over http."""
    begun = signed.client.get("/login", params={"back": "/graphiql"})
    cookie = {"Cookie": begun.headers["set-cookie"].partition(";")[0]}
    with httpx.Client(timeout=30) as browser:
        page = browser.get(begun.headers["location"])
        answer = through_the_pages(browser, page, CLERK, "https://gateway.example/login/callback")
        sent = {name: values[0] for name, values in answer.items()}
        stranger = signed.client.get("/login/callback", params=sent)
        assert (stranger.status_code, "不是由这个浏览器" in stranger.text) == (400, True)
        assert signed.client.get("/login/callback", params=sent, headers=cookie).status_code == 400, "used before"

        begun = signed.client.get("/login", params={"back": "/graphiql"})
        cookie = {"Cookie": begun.headers["set-cookie"].partition(";")[0]}
        answer = through_the_pages(browser, browser.get(begun.headers["location"]), CLERK, "https://gateway.example/")
        sent = {name: values[0] for name, values in answer.items()}
        done = signed.client.get("/login/callback", params=sent, headers=cookie)
        assert (done.status_code, done.headers["location"]) == (303, "/graphiql")

        cookie = {"Cookie": done.headers["set-cookie"].partition(";")[0]}
        session = signed.client.get("/session", headers=cookie).json()["session"]
        assert (session["role"], session["roles"], session["account"][:5]) == ("clerk", ["clerk"], "acct-")
        own = {**cookie, "X-CSRF-Token": session["csrfToken"]}
        asked = signed.client.post("/graphql", json={"query": VIEWER}, headers=own).json()
        assert asked["data"]["viewer"] == {"role": "clerk", "department": "LZ-SCJG"}

        left = signed.client.post("/logout", json={}, headers=own).json()
        through_the_pages(browser, browser.get(left["next"]), CLERK, "https://gateway.example/logout")
        assert signed.client.get("/session", headers=cookie).json() == {"session": None}
        page = browser.get(begun.headers["location"])
        assert "login" in browser.get(f"{signed.provider.issuer}{page.headers['location']}").text, "asked anew"
    text = signed.lines.getvalue()
    assert not any(secret in text for secret in (sent["code"], sent["state"], cookie["Cookie"], CLERK))
