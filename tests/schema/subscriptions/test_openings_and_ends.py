"""Who may subscribe, how many at once, and when a subscription ends by itself [5.1.6]."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.settings.settings import POLICY_OF_THIS_RELEASE
from gateway.telemetry.subscription_metrics import SubscriptionMetrics
from policy.actors import Role
from policy.decisions import load, raise_disagreement
from schema.core.errors import IdentityEnded
from schema.core.fields import core, refusal_fields
from schema.core.ports import GraphQLResponse
from tests.databases import on_sqlite
from tests.schema.service import ServiceUnderTest, open_service, settings_for
from tests.schema.subscriptions.acts import NOTES, OURS, READS, TARGETS, WORK, collect, notice, publish, step
from tests.schema.subscriptions.conftest import Clock
from tests.schema.subscriptions.listeners import PATIENCE, QUICK, Listening, listen, open_subscription, refused

pytestmark = on_sqlite


def of(document: str) -> str:
    """Give the document without its purpose."""
    return document.replace("@purpose(is: DETERMINATION)", "").replace("@purpose(is: SELF_ACCESS)", "")


REFUSED = [
    ("a caller without a token", "anonymous", WORK, ("ROOT_REFUSED", 401)),
    ("a role without a worklist", "regulator", WORK.replace("DETERMINATION", "FOCUSED_CHECK"), ("ROOT_REFUSED", 403)),
    ("no purpose", "handler", of(WORK), ("PURPOSE_REQUIRED", 400)),
    ("an auditor, who would hear auditors", "auditor", READS.replace("SELF_ACCESS", "AUDIT"), ("ROOT_REFUSED", 403)),
    ("a supervisor for another purpose", "regulator", TARGETS.replace("FOCUSED_CHECK", "AUDIT"), ("ROOT_REFUSED", 403)),
    ("two fields", "person-1", "subscription { a: accessRecorded { nodes { id } } b: accessRecorded { nodes { id } } }",
     ("GRAPHQL_VALIDATION_FAILED", 400)),
    ("no row, which no entry would record", "person-1", NOTES.replace("$first)", "0)").replace("($first: Int)", ""),
     ("BAD_USER_INPUT", 400)),
    ("a page that is too long", "handler", WORK.replace("= 50", "= 500"), ("LIMIT_EXCEEDED", 400)),
    ("a filter on what is withheld", "person-1",
     "subscription @purpose(is: PUBLICITY) { notificationArrived { nodes { topic } } }", ("ROOT_REFUSED", 403)),
    ("no such field", "person-1", "subscription { nothingHappened }", ("GRAPHQL_VALIDATION_FAILED", 400)),
]  # fmt: skip


@pytest.mark.parametrize(("case", "who", "document", "why"), REFUSED, ids=[case for case, *_ in REFUSED])
async def test_a_subscription_is_refused_like_a_request(
    service: ServiceUnderTest, case: str, who: str, document: str, why: tuple[str, int]
) -> None:
    assert await refused(service, document, who) == why, case
    assert service.services.subscriptions.running == 0


async def test_a_subscription_has_no_single_answer_and_a_query_has(service: ServiceUnderTest) -> None:
    reply = await service.ask(WORK, "handler")
    assert (reply.status, reply.codes) == (400, ["SUBSCRIPTION_TRANSPORT"])
    opened, _ = await open_subscription(service, "{ viewer { ref } }", "handler")
    assert isinstance(opened, GraphQLResponse)
    assert opened.body == b'{"data":{"viewer":{"ref":"handler-1"}}}'
    explained = await service.ask(
        "query($d: String!) { explainAccess(document: $d, purpose: DETERMINATION) { fields { field outcome } } }",
        "handler", {"d": WORK},
    )  # fmt: skip
    fields = {one["field"]: one["outcome"] for one in explained.data["explainAccess"]["fields"]}
    assert fields["Subscription.worklistChanged"] == "CLEAR"


CHANGED = [
    ("the token expired", "TOKEN_EXPIRED", None, None),
    ("another role", "SUBSCRIBER_CHANGED", "role", Role.REVIEWER),
    ("another department", "SUBSCRIBER_CHANGED", "department", "WJJ"),
    ("another account", "SUBSCRIBER_CHANGED", "ref", "handler-9"),
]


@pytest.mark.parametrize(("case", "code", "name", "value"), CHANGED, ids=[case for case, *_ in CHANGED])
async def test_it_ends_with_its_subscriber(
    service: ServiceUnderTest, case: str, code: str, name: str | None, value: object
) -> None:
    """Before the next event, whatever happened: nothing more is read or recorded."""
    work = await listen(service, WORK, "handler")
    await collect(service, "案-1")
    await work.event()
    before = len(await service.entries())
    if name is None:
        work.identity.refusal = IdentityEnded("TOKEN_EXPIRED", "令牌已过期，请重新登录。", "Sign in again.", status=401)
    else:
        work.identity.actor = replace(work.identity.actor, **{name: value})  # type: ignore[arg-type]  # of the table
    await collect(service, "案-2")
    assert await work.end() == code, case
    assert len(await service.entries()) == before
    assert work.running.ended is not None
    assert work.running.ended.message_zh
    assert work.running.ended.body.startswith(b'{"errors":[{"message":"')
    assert service.services.subscriptions.ended == {code: 1}
    assert service.services.subscriptions.running == 0


async def test_figures_count_and_say_nothing_of_whom_or_what(service: ServiceUnderTest) -> None:
    work, mine = await listen(service, WORK, "handler"), await listen(service, READS, "person-1")
    await collect(service, "案-1")
    await work.event()
    await mine.event()
    mine.identity.refusal = IdentityEnded("TOKEN_EXPIRED", "", "", status=401)
    await mine.end()
    shown = {
        (sample.name, *sample.labels.values()): sample.value
        for metric in SubscriptionMetrics(service.services.subscriptions).collect()
        for sample in metric.samples
    }
    assert shown == {
        ("chengxin_subscriptions",): 1,
        ("chengxin_subscription_events_total", "worklistChanged"): 1,
        ("chengxin_subscription_events_total", "accessRecorded"): 1,
        ("chengxin_subscriptions_ended_total", "TOKEN_EXPIRED"): 1,
    }


async def test_it_ends_though_nothing_happens(service: ServiceUnderTest) -> None:
    """A timer asks who the subscriber is."""
    mine = await listen(service, READS, "person-1")
    mine.identity.refusal = IdentityEnded("SESSION_ENDED", "登录已结束。", "The login has ended.", status=401)
    assert await mine.end() == "SESSION_ENDED"


async def test_it_waits_while_nobody_can_say_who_the_subscriber_is(service: ServiceUnderTest) -> None:
    """What happened meanwhile is sent once somebody can."""
    work = await listen(service, WORK, "handler")
    work.identity.refusal = IdentityEnded("KEYS_UNAVAILABLE", "", "", status=503)
    await collect(service, "案-1")
    waiting = asyncio.ensure_future(work.nodes("step"))
    await work.identity.was_asked.wait()
    work.identity.refusal = None
    assert await waiting == ["VERIFY"]


async def test_it_ends_when_the_policy_allows_it_no_more(service: ServiceUnderTest, tmp_path: Path) -> None:
    work, mine = await listen(service, WORK, "handler"), await listen(service, NOTES, "person-1")
    folder = tmp_path / "policy"
    shutil.copytree(POLICY_OF_THIS_RELEASE, folder, ignore=shutil.ignore_patterns("*.py", "__pycache__", "crypto"))
    for name in ("who.csv", "need.csv"):
        path = folder / name
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        path.write_text("".join(line for line in lines if "WORKLIST" not in line), encoding="utf-8")
    refusals = refusal_fields(core(service.services.schema))
    await service.services.graphql_service.adopt(load(folder, refusals, raise_disagreement))
    case = await collect(service, "案-1")
    assert await work.end() == "ROOT_REFUSED"
    assert await mine.hears() is None
    assert case


async def test_what_a_delegation_allowed_is_not_sent_after_its_end(service: ServiceUnderTest, clock: Clock) -> None:
    """The rows are those of the moment: no event follows the end, and none tells of it [5.1.6]."""
    theirs = await listen(service, NOTES, "agent")
    clock.at += timedelta(days=60)  # its last day was the 31st of December
    case = await collect(service, "案-1", collected_at=clock.at, changed_at=clock.at)
    await notice(service, case)
    assert await theirs.hears() is None


@pytest.fixture
async def limited(database_url: str, kek: Path, clock: Clock) -> AsyncIterator[ServiceUnderTest]:
    """Give a service with small limits."""
    limits = {
        "SUBSCRIPTIONS_AT_ONCE": "4", "SUBSCRIPTIONS_PER_ACTOR": "3", "SUBSCRIPTIONS_PER_CONNECTION": "2",
        "REQUESTS_PER_ACTOR": "3/minute",
    }  # fmt: skip
    async with open_service(settings_for(kek, database_url, **QUICK, **limits), now=clock) as fresh:
        yield fresh


async def test_so_many_at_once_and_no_more(limited: ServiceUnderTest) -> None:
    """On a connection, by an account, in the process; each place is given back."""
    service = limited.services.subscriptions
    running = [await listen(limited, WORK, "handler", connection=name) for name in ("one", "one", "two")]
    full = [("handler", "one", "connection", 2), ("handler", "three", "actor", 3)]
    for who, connection, limit, allowed in full:
        opened, _ = await open_subscription(limited, WORK, who, connection=connection)
        assert isinstance(opened, GraphQLResponse)
        assert (opened.code, opened.status) == ("SUBSCRIPTION_LIMIT", 429)
        assert f'"limit":"{limit}","allowed":{allowed}'.encode() in opened.body
    running.append(await listen(limited, NOTES, "person-1", connection="four"))
    assert await refused(limited, NOTES, "person-2", connection="five") == ("SUBSCRIPTION_LIMIT", 429)
    assert service.running == 4
    for one in running:
        await one.running.close()
        await one.running.close()
    assert (service.running, service.hub._listeners, +service._taken) == (0, {}, {})
    assert await listen(limited, NOTES, "person-2", connection="five")


async def test_an_event_beyond_the_rate_comes_when_the_window_is_over(limited: ServiceUnderTest, clock: Clock) -> None:
    """A look that finds nothing is no request; an event is one, and is late rather than lost."""
    rates = limited.services.rates
    work = await listen(limited, WORK, "handler", rates=rates)
    for _ in range(10):
        assert await work.hears() is None
    for number in (1, 2):
        await collect(limited, f"案-{number}")
        assert "data" in (await work.hears() or {})
    await collect(limited, "案-3")
    late = await work.hears()
    assert late is not None
    assert late["errors"][0]["extensions"]["code"] == "RATE_EXCEEDED"
    clock.at += timedelta(minutes=1)
    answer = await work.event()
    assert len(answer["data"]["worklistChanged"]["nodes"]) == 3


async def test_a_subscriber_that_cannot_follow_is_told_so(
    service: ServiceUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More rows within a minute than it looks through."""
    monkeypatch.setattr("schema.execution.subscriptions.sent_rows.MOST_NEW", 2)
    monkeypatch.setattr("schema.execution.planning.operation_planner.MOST_NEW", 2)
    document = OURS.replace("notificationArrived", "notificationArrived(first: 1)")
    ours = await listen(service, document, "head")
    for number in range(5):
        await publish_notice(service, f"案-{number}")
    sent = [await ours.nodes("topic") for _ in range(3)]
    assert all(len(page) == 1 for page in sent)
    assert await ours.end() == "SUBSCRIPTION_BEHIND"


async def publish_notice(service: ServiceUnderTest, number: str) -> None:
    """Bring about a notification of the head."""
    case = await collect(service, number)
    await step(service, case, "verifyCase", evidence=["卷宗-1"], severity="SHORT_OF_PENALTY")
    await step(service, case, "handOverCase", "head", handler="handler-2", evidence=["派单-1"])


async def test_a_process_that_stops_says_so(service: ServiceUnderTest) -> None:
    work = await listen(service, WORK, "handler")
    waiting = asyncio.ensure_future(work.end())
    await asyncio.sleep(0)
    service.services.subscriptions.close()
    async with asyncio.timeout(PATIENCE):
        assert await waiting == "SHUTTING_DOWN"
    assert await refused(service, WORK, "handler") == ("SHUTTING_DOWN", 503)


async def test_closing_ends_who_waits(service: ServiceUnderTest) -> None:
    work = await listen(service, WORK, "handler")

    async def wait(heard: Listening) -> list[bytes]:
        return [answer async for answer in heard.running]

    waiting = asyncio.ensure_future(wait(work))
    await asyncio.sleep(0)
    await work.running.close()
    async with asyncio.timeout(PATIENCE):
        assert await waiting == []
    assert work.running.ended is None
    assert await publish(service, "案-1")
