"""The session of a browser: it does what a page of our own asks, in its one role, and only while it lasts."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select, update
from starlette.datastructures import Headers

from consent.vocabulary import KnownBy
from gateway.auth.subscriber_identity import identify
from policy.actors import Role
from schema.core.errors import IdentityEnded
from storage import tables
from storage.database.database import Database
from tests.databases import on_both, on_sqlite
from tests.gateway.login.browsers import QUERY, LoginWorld, code_of, login_world


@pytest.fixture
async def world(database: Database, tmp_path: Path) -> AsyncIterator[LoginWorld]:
    async with login_world(database, tmp_path) as opened:
        yield opened


OWN = {"Sec-Fetch-Site": "same-origin", "Origin": "https://gateway.example"}


@on_sqlite
@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    ("case", "headers", "code"),
    [
        ("a page of our own", {**OWN, "X-CSRF-Token": "own"}, None),
        ("a browser that says nothing of pages", {"X-CSRF-Token": "own"}, None),
        ("without the header", OWN, "CSRF_TOKEN"),
        ("with that of another session", {**OWN, "X-CSRF-Token": "other"}, "CSRF_TOKEN"),
        ("with any text", {**OWN, "X-CSRF-Token": "é"}, "CSRF_TOKEN"),
        ("a page of another site", {"Sec-Fetch-Site": "cross-site", "X-CSRF-Token": "own"}, "CROSS_SITE"),
        ("a page of a sister site", {"Sec-Fetch-Site": "same-site", "X-CSRF-Token": "own"}, "CROSS_SITE"),
        ("a link in a mail", {"Sec-Fetch-Site": "none"}, "CROSS_SITE"),
        ("another origin", {"Origin": "https://other.example", "X-CSRF-Token": "own"}, "CROSS_SITE"),
        ("a page without an origin", {"Origin": "null", "X-CSRF-Token": "own"}, "CROSS_SITE"),
    ],
)
async def test_a_request_with_the_cookie_comes_from_a_page_of_our_own(
    case: str, headers: Mapping[str, str], code: str | None, method: str, world: LoginWorld
) -> None:
    """[5.1.6] A read leaves an entry in the name of whoever is logged in: it has to be theirs."""
    browser, another = world.browser(), world.browser()
    await browser.log_in()
    await another.log_in("subject")
    words = {"own": await browser.token(), "other": await another.token()}
    sent = [
        (name.encode(), words.get(value, {name: value}).get(name, value).encode("latin-1"))
        for name, value in headers.items()
    ]
    given = {"params": QUERY} if method == "GET" else {"json": QUERY}
    answer = await browser.client.request(method, "/graphql", headers=sent, **given)  # type: ignore[arg-type]  # bytes
    assert (None if answer.status_code == 200 else code_of(answer)) == code, case
    assert len(world.service.seen) == (code is None)


@on_sqlite
async def test_a_bearer_token_beside_the_cookie_is_who_acts(world: LoginWorld) -> None:
    browser = world.browser()
    await browser.log_in("subject")
    await browser.ask({"Authorization": f"Bearer {world.issuer.mint('clerk')}"})
    actor = world.service.seen[-1].actor
    assert (actor.ref, actor.known_by) == ("demo-clerk", KnownBy.TOKEN)
    refused = await browser.ask({"Authorization": "Bearer x", **await browser.token()})
    assert code_of(refused) == "TOKEN_REFUSED"


@on_both
async def test_a_change_of_the_role_authorises_anew_and_ends_the_old_session(world: LoginWorld) -> None:
    browser, thief = world.browser(), world.browser()
    await browser.log_in("handler")
    assert code_of(await browser.ask()) == "SESSION_ROLE_REQUIRED"
    thief.client.cookies.update(browser.client.cookies)
    stolen = await thief.token()

    changed = await browser.post("/session/role", {"role": "handler"})
    assert changed.json()["session"]["role"] == "handler"
    assert (await browser.acts_as()).role is Role.HANDLER
    assert code_of(await thief.ask(stolen)) == "SESSION_ENDED"
    assert await thief.session() is None
    named = await browser.ask({**await browser.token(), "Acting-Role": "clerk"})
    assert code_of(named) == "SESSION_ROLE_DIFFERS"

    for body, code in (
        ({"role": "head"}, "ROLE_NOT_HELD"), ({"role": "anonymous"}, "ROLE_NOT_HELD"), ({}, "ROLE_NOT_HELD"),
        ([], "SESSION_BODY"),
    ):  # fmt: skip
        assert code_of(await browser.post("/session/role", body)) == code
    assert (await browser.post("/session/role", {"role": "clerk"})).json()["session"]["role"] == "clerk"
    assert (await browser.acts_as()).role is Role.CLERK


@on_both
async def test_of_two_changes_at_once_one_counts(world: LoginWorld) -> None:
    browser = world.browser()
    await browser.log_in("handler")
    token = await browser.token()
    asked = [browser.client.post("/session/role", json={"role": role}, headers=token) for role in ("handler", "clerk")]
    assert sorted(answer.status_code for answer in await asyncio.gather(*asked)) == [200, 401]
    assert len(await world.database.fetch(select(tables.login_sessions.c.role))) == 1


@on_both
async def test_an_account_sees_and_ends_its_own_sessions_and_no_others(world: LoginWorld) -> None:
    here, there, other = world.browser(), world.browser(), world.browser()
    for browser, persona in ((here, "clerk"), (there, "clerk"), (other, "subject")):
        await browser.log_in(persona)
    token = await there.token()
    shown = (await here.client.get("/sessions", headers=await here.token())).json()["sessions"]
    assert sorted(each["isThis"] for each in shown) == [False, True]
    (another,) = (each["id"] for each in shown if not each["isThis"])
    assert code_of(await other.post("/session/end", {"id": another})) == "NOT_FOUND"
    assert (await here.post("/session/end", {"id": another})).json() == {"ended": 1}
    assert code_of(await there.ask(token)) == "SESSION_ENDED"
    for body in ({"id": "x"}, {"all": False}, {"id": str(uuid4()), "all": True}):
        assert code_of(await here.post("/session/end", body)) == "SESSION_BODY"
    assert (await here.post("/session/end", {"all": True})).json() == {"ended": 1}
    assert (await here.session(), (await other.session())["account"]) == (None, "demo-subject")


@on_sqlite
@pytest.mark.parametrize(
    ("case", "steps", "status"),
    [
        ("used all the time", [{"minutes": 29}] * 3, 200),
        ("unused for half an hour", [{"minutes": 30}], 401),
        ("longer than ten hours", [{"minutes": 25}] * 24, 401),
    ],
)
async def test_a_session_lasts_while_it_is_used_and_not_for_ever(
    case: str, steps: list[dict[str, float]], status: int, world: LoginWorld
) -> None:
    browser = world.browser()
    await browser.log_in()
    token = await browser.token()
    for step in steps:
        world.pass_time(**step)
        answer = await browser.ask(token)
    assert answer.status_code == status, case
    await world.login.sweep()
    assert bool(await world.database.fetch(select(tables.login_sessions.c.role))) is (status == 200)


@on_sqlite
async def test_a_request_reads_its_session_and_writes_once_a_minute(
    world: LoginWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = world.browser()
    await browser.log_in()
    token, written = await browser.token(), []
    write = world.database.write

    async def noted(*steps: Any) -> None:
        written.append(steps)
        await write(*steps)

    monkeypatch.setattr(world.database, "write", noted)
    for _ in range(3):
        await browser.ask(token)
    assert len(written) == 0
    world.pass_time(minutes=1)
    for _ in range(3):
        await browser.ask(token)
    assert len(written) == 1


def tokens_end_in(world: LoginWorld, minutes: int, **also: object) -> None:
    """Let the provider give access tokens that last so long."""

    def tamper(answer: dict[str, Any]) -> None:
        if "access_token" in answer:
            at = int(world.at.timestamp())
            claims = {"sub": "demo-clerk", "roles": ["clerk"], "department": "LZ-XZSP", "aud": "chengxin"}
            times = {"iss": world.settings.oidc_issuer, "iat": at, "exp": at + 60 * minutes}
            answer["access_token"] = world.issuer.sign({**claims, **times, **also})

    world.provider.tamper = tamper


@on_both
async def test_requests_beside_each_other_renew_a_token_once(world: LoginWorld) -> None:
    tokens_end_in(world, 5)
    browser = world.browser()
    await browser.log_in()
    token = await browser.token()
    world.provider.asked.clear()
    world.pass_time(minutes=6)
    answers = await asyncio.gather(*(browser.ask(token) for _ in range(4)))
    assert [answer.status_code for answer in answers] == [200] * 4
    assert world.provider.asked == ["/dev/oidc/token"]


@on_sqlite
@pytest.mark.parametrize(
    ("case", "minutes", "change", "code"),
    [
        ("renewed", 6, {}, None),
        ("the provider is down, and the token lasts a little", 5, {"is_down": True}, None),
        ("the provider is down, and the token is over", 6, {"is_down": True}, "PROVIDER_UNAVAILABLE"),
        ("the provider gives none", 6, {"tamper": dict.clear}, "SESSION_ENDED"),
        ("the new token is of another account", 6, {"sub": "demo-head"}, "SESSION_ENDED"),
        ("the new token has lost the role", 6, {"roles": ["subject"]}, "ROLE_NOT_HELD"),
    ],
)
async def test_a_session_lasts_no_longer_than_its_tokens_are_renewed(
    case: str, minutes: int, change: dict[str, Any], code: str | None, world: LoginWorld
) -> None:
    tokens_end_in(world, 5)
    browser = world.browser()
    await browser.log_in()
    token = await browser.token()
    world.pass_time(minutes=minutes)
    world.provider.is_down = bool(change.pop("is_down", False))
    if (tamper := change.pop("tamper", None)) is not None:
        world.provider.tamper = tamper
    elif change:
        tokens_end_in(world, 5, **change)
    answer = await browser.ask(token)
    assert (None if answer.status_code == 200 else code_of(answer)) == code, case


@on_sqlite
async def test_without_a_refresh_token_a_session_ends_with_its_access_token(world: LoginWorld) -> None:
    tokens_end_in(world, 5)
    shorten = world.provider.tamper
    world.provider.tamper = lambda answer: (shorten and shorten(answer), answer.pop("refresh_token"))
    browser = world.browser()
    await browser.log_in()
    token = await browser.token()
    world.pass_time(minutes=5, seconds=29)
    assert (await browser.ask(token)).status_code == 200
    world.pass_time(seconds=1)
    assert code_of(await browser.ask(token)) == "SESSION_ENDED"


@on_sqlite
async def test_a_row_that_was_exchanged_opens_nothing(world: LoginWorld) -> None:
    """The tokens are sealed for their own session: nobody who writes the table becomes somebody else."""
    browser, other = world.browser(), world.browser()
    await browser.log_in()
    await other.log_in("subject")
    token, rows = await browser.token(), tables.login_sessions
    ((sealed, wrapped),) = await world.database.fetch(
        select(rows.c.tokens_sealed, rows.c.wrapped).where(rows.c.account_ref == "demo-subject")
    )
    mine = update(rows).where(rows.c.account_ref == "demo-clerk")
    await world.database.write((mine.values(tokens_sealed=sealed, wrapped=wrapped), None))
    assert code_of(await browser.ask(token)) == "SESSION_ENDED"
    assert world.service.seen == []


SUBSCRIBED = [
    ("while the page is used", [(20, True), (20, True)], None),
    ("which nobody uses", [(20, False), (11, False)], "SESSION_ENDED"),
    ("which is asked again and again", [(10, False)] * 3, "SESSION_ENDED"),
]


@on_sqlite
@pytest.mark.parametrize(("case", "passes", "code"), SUBSCRIBED, ids=[case for case, *_ in SUBSCRIBED])
async def test_a_subscription_is_no_use_of_its_session(
    case: str, passes: list[tuple[int, bool]], code: str | None, world: LoginWorld
) -> None:
    """A screen that nobody looks at is logged out as before, though it asks every few seconds who its subscriber is."""
    browser = world.browser()
    await browser.log_in("subject")
    cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in browser.client.cookies.jar)
    subscriber = identify(world.login.authenticator, Headers({"Cookie": cookies, **await browser.token()}))
    ended = None
    for minutes, is_used in passes:
        world.pass_time(minutes=minutes)
        try:
            assert (await subscriber()).role is Role.SUBJECT
        except IdentityEnded as error:
            ended = error.code
        if is_used:
            await browser.acts_as()
    assert ended == code, case


@on_sqlite
async def test_a_subscriber_ends_with_its_session_and_with_its_role(world: LoginWorld) -> None:
    for end in ({"role": "handler"}, None):
        browser = world.browser()
        await browser.log_in("handler")
        await browser.post("/session/role", {"role": "clerk"})
        cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in browser.client.cookies.jar)
        subscriber = identify(world.login.authenticator, Headers({"Cookie": cookies, **await browser.token()}))
        assert (await subscriber()).role is Role.CLERK
        await (browser.post("/logout", {}) if end is None else browser.post("/session/role", end))
        with pytest.raises(IdentityEnded) as ended:
            await subscriber()
        assert ended.value.code == "SESSION_ENDED"
        assert ended.value.entry()["message"]
