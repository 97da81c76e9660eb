"""A login goes to the provider and back once, in one browser; whatever else comes back begins no session."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc.jws import extract_compact
from sqlalchemy import func, select
from structlog.testing import capture_logs

from consent.vocabulary import KnownBy
from gateway.json_input import parse_json
from gateway.login.errors import WORDS, LoginFlaw
from policy.actors import Role
from storage import tables
from storage.database.database import Database
from tests.databases import on_both, on_sqlite
from tests.gateway.fakes import NOW
from tests.gateway.login.browsers import Browser, LoginWorld, code_of, login_world

Back = Callable[[LoginWorld, Browser], Awaitable[str]]
Tamper = Callable[[LoginWorld, dict[str, Any]], object]


@pytest.fixture
async def world(database: Database, tmp_path: Path) -> AsyncIterator[LoginWorld]:
    async with login_world(database, tmp_path) as opened:
        yield opened


async def count(world: LoginWorld, table: str) -> int:
    ((found,),) = await world.database.fetch(select(func.count()).select_from(getattr(tables, table)))
    return int(found)


@on_both
async def test_a_browser_logs_in_acts_and_logs_out_here_and_at_the_provider(world: LoginWorld) -> None:
    browser = world.browser()
    asked = parse_qs(urlsplit(await browser.to_provider()).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["redirect_uri"] == ["https://gateway.example/login/callback"]
    assert {"state", "nonce", "code_challenge"} <= asked.keys()

    done = await browser.log_in()
    assert (done.status_code, done.headers["location"]) == (303, "/portal")
    session, over = (line.partition("=")[::2] for line in done.headers.get_list("set-cookie"))
    assert (session[0], session[1][43:]) == ("__Host-chengxin", "; HttpOnly; Path=/; SameSite=lax; Secure")
    assert (over[0], "Max-Age=0" in over[1]) == ("__Host-chengxin-login", True)
    actor = await browser.acts_as()
    assert (actor.ref, actor.role, actor.known_by) == ("demo-clerk", Role.CLERK, KnownBy.DEMO_LOGIN)

    left = await browser.post("/logout", {})
    at_provider = urlsplit(left.json()["next"])
    assert at_provider.path == "/dev/logout"
    assert {"id_token_hint", "post_logout_redirect_uri"} <= parse_qs(at_provider.query).keys()
    assert (await browser.client.get(left.json()["next"])).headers["location"] == "https://gateway.example/logout"
    assert "已退出登录" in (await browser.client.get("/logout")).text
    assert (await browser.session(), await count(world, "login_sessions")) == (None, 0)


@on_sqlite
async def test_nothing_in_the_database_opens_a_session(world: LoginWorld) -> None:
    browser = world.browser()
    await browser.log_in()
    await browser.to_provider()
    (session,) = await world.database.fetch(select(*tables.login_sessions.c))
    (attempt,) = await world.database.fetch(select(*tables.login_attempts.c))
    stored = b"".join(value if isinstance(value, bytes) else str(value).encode() for value in (*session, *attempt))
    for secret in (*browser.client.cookies.values(), (await browser.session())["csrfToken"], "eyJ"):
        assert secret.encode() not in stored


@on_sqlite
async def test_plain_http_on_loopback_has_a_cookie_that_browsers_take_there(database: Database, tmp_path: Path) -> None:
    async with login_world(database, tmp_path, PUBLIC_URL="http://127.0.0.1:8000") as world:
        done = await world.browser().log_in()
        first = done.headers.get_list("set-cookie")[0]
        assert (first[:9], first[52:]) == ("chengxin=", "; HttpOnly; Path=/; SameSite=lax")


async def with_another_state(_: LoginWorld, browser: Browser) -> str:
    address = await browser.answer("clerk")
    state = parse_qs(urlsplit(address).query)["state"][0]
    return address.replace(state, "x" * 43)


async def used_before(_: LoginWorld, browser: Browser) -> str:
    address = await browser.answer("clerk")
    cookies = dict(browser.client.cookies)
    await browser.client.get(address)
    browser.client.cookies.update(cookies)
    return address


async def too_late(world: LoginWorld, browser: Browser) -> str:
    address = await browser.answer("clerk")
    world.pass_time(minutes=10)
    return address


async def of_another_browser(world: LoginWorld, _: Browser) -> str:
    return await world.browser().answer("clerk")


async def of_another_login(world: LoginWorld, browser: Browser) -> str:
    mine, other = await browser.answer("clerk"), await world.browser().answer("clerk")
    code, others = (parse_qs(urlsplit(each).query)["code"][0] for each in (mine, other))
    return mine.replace(code, others)


def changed(old: str, new: str) -> Back:
    async def back(_: LoginWorld, browser: Browser) -> str:
        address = await browser.answer("clerk")
        assert old in address
        return address.replace(old, new)

    return back


@on_sqlite
@pytest.mark.parametrize(
    ("case", "back", "flaw"),
    [
        ("another state", with_another_state, LoginFlaw.STATE),
        ("no state", changed("state=", "x="), LoginFlaw.STATE),
        ("two states", changed("state=", "state=1&state="), LoginFlaw.STATE),
        ("a code that was used", used_before, LoginFlaw.STATE),
        ("ten minutes later", too_late, LoginFlaw.STATE),
        ("a link that somebody else sent", of_another_browser, LoginFlaw.BROWSER),
        ("the code of another login", of_another_login, LoginFlaw.CODE),
        ("no code", changed("code=", "x="), LoginFlaw.DECLINED),
        ("the person cancelled", changed("code=", "error=access_denied&x="), LoginFlaw.DECLINED),
        ("another issuer", changed("demo-issuer", "other"), LoginFlaw.ISSUER),
        ("no issuer, though it is promised", changed("iss=", "x="), LoginFlaw.ISSUER),
    ],
)
async def test_what_comes_back_otherwise_begins_no_session(
    case: str, back: Back, flaw: LoginFlaw, world: LoginWorld
) -> None:
    browser = world.browser()
    address = await back(world, browser)
    before = await count(world, "login_sessions")
    assert await refused(browser, address) == flaw.value, case
    assert await count(world, "login_sessions") == before


async def refused(browser: Browser, address: str) -> str:
    """Return the flaw for which a login is refused: the log has it, and the page its words."""
    with capture_logs() as lines:
        done = await browser.client.get(address)
    (line,) = [line for line in lines if line["event"] == "login.refused"]
    status, chinese, _ = WORDS[LoginFlaw(line["code"])]
    assert (done.status_code, chinese in done.text) == (status, True)
    assert line.keys() <= {"event", "log_level", "code"}
    return str(line["code"])


def id_token(**changed: object) -> Tamper:
    """Change claims of the ID token, and sign it anew as the provider does."""

    def tamper(world: LoginWorld, answer: dict[str, Any]) -> None:
        claims = {**parse_json(extract_compact(answer["id_token"].encode()).payload), **changed}
        answer["id_token"] = world.issuer.sign({name: value for name, value in claims.items() if value is not None})

    return tamper


def access_token(**changed: object) -> Tamper:
    def tamper(world: LoginWorld, answer: dict[str, Any]) -> None:
        claims = parse_json(extract_compact(answer["access_token"].encode()).payload)
        answer["access_token"] = world.issuer.sign({**claims, **changed})

    return tamper


def forged(_: LoginWorld, answer: dict[str, Any]) -> None:
    head, claims, signature = answer["id_token"].split(".")
    answer["id_token"] = f"{head}.{claims}.{'A' * len(signature)}"


def without(name: str) -> Tamper:
    return lambda _, answer: answer.pop(name)


AT = int(NOW.timestamp())
SKEW = 30


@on_sqlite
@pytest.mark.parametrize(
    ("case", "tamper", "flaw"),
    [
        ("no ID token", without("id_token"), LoginFlaw.ID_TOKEN),
        ("a forged one", forged, LoginFlaw.ID_TOKEN),
        ("another nonce", id_token(nonce="x" * 43), LoginFlaw.ID_TOKEN),
        ("no nonce", id_token(nonce=None), LoginFlaw.ID_TOKEN),
        ("for another client", id_token(aud="other"), LoginFlaw.ID_TOKEN),
        ("of another issuer", id_token(iss="https://other.example"), LoginFlaw.ID_TOKEN),
        ("for another party", id_token(azp="other"), LoginFlaw.ID_TOKEN),
        ("for several, and for whom", id_token(aud=["chengxin-gateway", "other"]), LoginFlaw.ID_TOKEN),
        ("expired", id_token(exp=AT - SKEW), LoginFlaw.ID_TOKEN),
        ("not issued yet", id_token(iat=AT + SKEW + 1), LoginFlaw.ID_TOKEN),
        ("a clock that is late", id_token(exp=AT - SKEW + 1), None),
        ("a clock that is early", id_token(iat=AT + SKEW), None),
        ("the ID token as access token", lambda _, answer: answer.update(access_token=answer["id_token"]),
         LoginFlaw.ACCESS_TOKEN),
        ("an access token for others", access_token(aud="other"), LoginFlaw.ACCESS_TOKEN),
        ("an access token of another account", access_token(sub="demo-head"), LoginFlaw.ACCESS_TOKEN),
        ("an opaque access token", lambda _, answer: answer.update(access_token="opaque"), LoginFlaw.ACCESS_TOKEN),
        ("no access token", without("access_token"), LoginFlaw.CODE),
        ("a token of another type", lambda _, answer: answer.update(token_type="mac"), LoginFlaw.CODE),
    ],
)  # fmt: skip
async def test_only_the_tokens_of_this_login_begin_a_session(
    case: str, tamper: Tamper, flaw: LoginFlaw | None, world: LoginWorld
) -> None:
    browser = world.browser()
    address = await browser.answer("clerk")
    world.provider.tamper = lambda answer: tamper(world, answer)
    if flaw is None:
        assert (await browser.client.get(address)).status_code == 303, case
        return
    assert await refused(browser, address) == flaw.value, case
    assert await count(world, "login_sessions") == 0


@on_sqlite
async def test_a_provider_that_does_not_answer_is_said_so_and_nothing_is_stored(world: LoginWorld) -> None:
    browser = world.browser()
    world.provider.is_down = True
    assert await refused(browser, "/login") == LoginFlaw.UNAVAILABLE.value
    assert await count(world, "login_attempts") == 0


@on_sqlite
@pytest.mark.parametrize(
    "back", ["//other.example", "https://other.example", "/a?b=c", "/\\other.example", "x", "/%0d"]
)
async def test_a_login_goes_on_at_pages_of_our_own(back: str, world: LoginWorld) -> None:
    assert code_of(await world.browser().client.get("/login", params={"back": back})) == "NOT_FOUND"
    assert await count(world, "login_attempts") == 0


@on_sqlite
@pytest.mark.parametrize(
    ("rates", "rate"),
    [({"LOGINS_PER_NETWORK": "2/minute"}, "logins-of-network"), ({"LOGINS_PER_ACTOR": "2/minute"}, "logins-of-actor")],
    ids=["begun by a network", "finished by an account"],
)
async def test_logins_beyond_a_rate_wait_for_the_next_window(
    database: Database, tmp_path: Path, rates: dict[str, str], rate: str
) -> None:
    async with login_world(database, tmp_path, **rates) as world:
        assert [(await world.browser().log_in()).status_code for _ in range(2)] == [303, 303]
        browser = world.browser()
        begun = await browser.client.get("/login")
        refused = begun if begun.status_code == 429 else await browser.client.get(
            await browser.answer("clerk", begun.headers["location"])
        )  # fmt: skip
        assert (refused.status_code, refused.headers["ratelimit-policy"]) == (429, f'"{rate}-60s";q=2;w=60')
        assert 0 < int(refused.headers["retry-after"]) <= 60
        assert "登录过于频繁" in refused.text
        assert (await browser.session(), await count(world, "login_sessions")) == (None, 2)
        world.pass_time(minutes=1)
        assert (await browser.log_in()).status_code == 303


@on_sqlite
async def test_a_page_that_is_opened_counts_for_the_account_of_its_session(database: Database, tmp_path: Path) -> None:
    """An office has one address, and a page that is opened sends no header of ours; a cookie of nobody is none."""
    rates = {"REQUESTS_PER_ACTOR": "2/minute", "REQUESTS_PER_NETWORK": "15/minute"}
    async with login_world(database, tmp_path, **rates) as world:
        clerk, handler = world.browser(), world.browser()
        await clerk.log_in("clerk")
        await handler.log_in("handler")
        opened = [await clerk.client.get("/login/done") for _ in range(3)]
        assert [each.status_code for each in opened] == [200, 200, 429]
        assert code_of(opened[-1]) == "RATE_EXCEEDED"
        assert opened[-1].headers["ratelimit"].startswith('"requests-of-actor-60s";r=0')
        assert (await handler.client.get("/login/done")).status_code == 200
        nobody = world.browser()
        cookies = ({"cookie": f"__Host-chengxin={'x' * 43}{at}"} for at in range(16))
        answers = [(await nobody.client.get("/login/done", headers=each)).status_code for each in cookies]
        assert (answers[0], answers[-1]) == (200, 429)
