"""The outbox relay against a real HTTP peer: what is sent, to whom, in which order, and how failures are handled."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import orjson
import pytest
from sqlalchemy import select, update

from gateway.demo.city_platform import PlatformBehaviour
from gateway.jobs.job_lease import JobLease
from gateway.outbox_relay.relay import JOB, OutboxRelay, RelayRun
from storage import tables
from tests.builders import NOW
from tests.gateway.outbox_relay.relay_and_peer import RelayAndPeer
from tests.storage.access_record import entries_of

pytestmark = pytest.mark.slow

HOUR = timedelta(hours=1)


async def entries(relay_and_peer: RelayAndPeer, subject_id) -> list[tuple[str, str, str]]:
    found = [each for each in await entries_of(relay_and_peer.services.database) if each["subject_id"] == subject_id]
    assert {(each["channel"], each["known_by"]) for each in found} <= {("DELIVERY", "CONFIGURED")}
    return [(each["actor_ref"], each["role"], each["purpose"]) for each in found]


async def test_a_restraint_in_force_goes_with_what_the_platform_needs_and_is_recorded(relay_and_peer: RelayAndPeer):
    """[5.1.4(5)] basic information in clear, no telephone, no evidence; the subject sees that it went [5.1.6]."""
    case, party = relay_and_peer.world.case("in-force"), relay_and_peer.world.party("person-1")
    message = await relay_and_peer.enqueue(case, "published")
    assert (await relay_and_peer.round()).facts()["sent"] == 1
    got = relay_and_peer.got(case)
    assert (got.state, got.sequence, got.topics) == ("IN_FORCE", 1, ["restraint-case.published"])
    assert got.restraint["subject"] == {
        "kind": "NATURAL_PERSON", "name": party.name, "identifier_kind": "ID_NUMBER", "identifier": party.number,
        "address": party.address, "area": {"code": "370305001", "name": "闻韶街道"},
    }  # fmt: skip
    assert (got.restraint["facts"], got.restraint["ends_on"]) == (case.facts, "2027-05-02")
    whole = orjson.dumps(got.restraint).decode()
    assert party.phone not in whole
    assert case.evidence not in whole
    assert case.notes not in whole
    assert await entries(relay_and_peer, case.subject_id) == [("courier", "platform", "PLATFORM_EXCHANGE")]
    row = await relay_and_peer.row(message)
    assert (row["sent_at"], row["failure"], row["attempts"]) == (relay_and_peer.clock.at, None, 1)
    assert (await relay_and_peer.round()).facts()["sent"] == 0


async def test_supervisors_get_what_they_could_look_up_themselves(relay_and_peer: RelayAndPeer):
    """[5.2.2] the number masked, of a person's address the township only; another sector's have nobody configured."""
    case, party = relay_and_peer.world.case("in-force"), relay_and_peer.world.party("person-1")
    await relay_and_peer.enqueue(case, "published", to="supervisors")
    await relay_and_peer.round()
    subject = relay_and_peer.got(case).restraint["subject"]
    assert subject["name"] == party.name
    assert subject["identifier"] == party.number[0] + "*" * 16 + party.number[-1]
    assert subject["address"] == "闻韶街道"
    assert await entries(relay_and_peer, case.subject_id) == [("courier", "regulator", "FOCUSED_CHECK")]


async def test_what_is_over_is_taken_down_without_particulars(relay_and_peer: RelayAndPeer):
    """[5.1.4(6)] [5.1.5] the message has the state of the case when it is sent, not when it was queued."""
    case = relay_and_peer.world.case("in-force")
    await relay_and_peer.enqueue(case, "published")
    await relay_and_peer.round()
    await relay_and_peer.enqueue(case, "rectified")
    await relay_and_peer.change(case, removed_on=date(2026, 11, 19))
    await relay_and_peer.enqueue(case, "removed")
    await relay_and_peer.round()
    got = relay_and_peer.got(case)
    assert (got.state, got.restraint, got.sequences) == ("ENDED", None, [1, 2, 3])
    assert len(await entries(relay_and_peer, case.subject_id)) == 1  # nothing was shown any more


async def test_a_determination_is_announced_without_particulars(relay_and_peer: RelayAndPeer):
    """[5.1.4(5)] promptly; who it is follows with the publication."""
    case = relay_and_peer.world.case("unpublished")
    await relay_and_peer.enqueue(case, "determined")
    await relay_and_peer.round()
    got = relay_and_peer.got(case)
    assert (got.state, got.restraint) == ("DETERMINED", None)
    assert await entries(relay_and_peer, case.subject_id) == []


async def test_a_recipient_without_a_message_gets_no_removal(relay_and_peer: RelayAndPeer):
    case = relay_and_peer.world.case("ended")
    message = await relay_and_peer.enqueue(case, "removed")
    assert (await relay_and_peer.round()).facts()["nothing_to_tell"] == 1
    assert relay_and_peer.got(case) is None
    assert (await relay_and_peer.row(message))["failure"] == "NOTHING_TO_TELL"


@pytest.mark.sampled
@pytest.mark.parametrize("status", [400, 409, 422])
async def test_a_permanent_failure_is_given_up_and_does_not_block_other_messages(
    sqlite_relay_and_peer: RelayAndPeer, status: int
):
    relay_and_peer, case = sqlite_relay_and_peer, sqlite_relay_and_peer.world.case("in-force")
    first = await relay_and_peer.enqueue(case, "published")
    relay_and_peer.peer.behaviour = PlatformBehaviour("refuse", status=status)
    assert (await relay_and_peer.round()).facts()["dead"] == 1
    row = await relay_and_peer.row(first)
    assert (row["failure"], row["dead_at"]) == (f"REFUSED_{status}", relay_and_peer.clock.at)
    relay_and_peer.peer.behaviour = PlatformBehaviour()
    await relay_and_peer.enqueue(case, "rectified")
    assert (await relay_and_peer.round(HOUR)).facts()["sent"] == 1
    assert relay_and_peer.got(case).sequences == [2]


@pytest.mark.sampled
@pytest.mark.parametrize("status", [401, 404, 429, 500, 502, 503])
async def test_what_may_heal_is_tried_again_and_arrives_once(sqlite_relay_and_peer: RelayAndPeer, status: int):
    relay_and_peer, case = sqlite_relay_and_peer, sqlite_relay_and_peer.world.case("in-force")
    await relay_and_peer.enqueue(case, "published")
    relay_and_peer.peer.behaviour = PlatformBehaviour("refuse", status=status)
    for _ in range(4):
        assert (await relay_and_peer.round(HOUR)).facts()["failed"] == 1
    relay_and_peer.peer.behaviour = PlatformBehaviour()
    assert (await relay_and_peer.round(HOUR)).facts()["sent"] == 1
    assert (
        relay_and_peer.got(case).sequences,
        relay_and_peer.peer.counts["taken"],
        relay_and_peer.peer.counts["again"],
    ) == ([1], 1, 0)


async def test_a_failing_message_holds_its_own_case_only(sqlite_relay_and_peer: RelayAndPeer):
    """One case's letter breaks the peer (500): the others go on, and its own follow in their order."""
    relay_and_peer = sqlite_relay_and_peer
    one, other = relay_and_peer.world.case("in-force"), relay_and_peer.world.case("company in force")
    first = await relay_and_peer.enqueue(one, "published")
    relay_and_peer.peer.behaviour = PlatformBehaviour("refuse", status=500)
    await relay_and_peer.round()
    relay_and_peer.peer.behaviour = PlatformBehaviour()
    await relay_and_peer.enqueue(one, "rectified")
    await relay_and_peer.enqueue(other, "published")
    assert (await relay_and_peer.round()).facts()["sent"] == 1
    assert relay_and_peer.got(one) is None
    assert relay_and_peer.got(other).sequences == [1]
    assert (await relay_and_peer.row(first))["failure"] == "HTTP_500"
    await relay_and_peer.round(HOUR)
    assert relay_and_peer.got(one).sequences == [1, 2]


async def test_a_recipient_that_is_away_costs_one_message_an_attempt(sqlite_relay_and_peer: RelayAndPeer):
    """Of many that wait one asks for all; nobody's particulars are opened in vain for the rest [5.1.6]."""
    relay_and_peer = sqlite_relay_and_peer
    cases = [relay_and_peer.world.case(name) for name in ("in-force", "company in force", "trader in force", "overdue")]
    relay_and_peer.peer.behaviour = PlatformBehaviour("down", retry_after=120)
    await relay_and_peer.enqueue(cases[0], "published")
    await relay_and_peer.round()
    for case in cases[1:]:
        await relay_and_peer.enqueue(case, "published")
    assert (await relay_and_peer.round(timedelta(seconds=100))).facts()["failed"] == 0  # it asked for two minutes
    assert (await relay_and_peer.round(timedelta(seconds=30))).facts()["failed"] == 1
    assert relay_and_peer.peer.counts["asked"] == 2
    relay_and_peer.peer.behaviour = PlatformBehaviour()
    assert (await relay_and_peer.round(HOUR)).facts()["sent"] == 4


async def test_a_slow_peer_is_given_up_in_time_and_takes_it_once(sqlite_relay_and_peer: RelayAndPeer):
    relay_and_peer, case = sqlite_relay_and_peer, sqlite_relay_and_peer.world.case("in-force")
    message = await relay_and_peer.enqueue(case, "published")
    relay_and_peer.peer.behaviour = PlatformBehaviour("slow", seconds=1.5)  # longer than the client's patience here
    assert (await relay_and_peer.round()).facts()["failed"] == 1
    assert (await relay_and_peer.row(message))["failure"] == "TIMEOUT"
    relay_and_peer.peer.behaviour = PlatformBehaviour()
    assert (await relay_and_peer.round(HOUR)).facts()["sent"] == 1
    assert relay_and_peer.peer.counts["taken"] == 1


async def test_an_unreachable_peer(sqlite_relay_and_peer: RelayAndPeer):
    relay_and_peer, case = sqlite_relay_and_peer, sqlite_relay_and_peer.world.case("in-force")
    message = await relay_and_peer.enqueue(case, "published")
    relay_and_peer.relay.client = type(relay_and_peer.relay.client)(transport=_Nobody())
    assert (await relay_and_peer.round()).facts()["failed"] == 1
    assert (await relay_and_peer.row(message))["failure"] == "UNREACHABLE"


def _Nobody():  # noqa: N802 - stands for a class
    import httpx  # noqa: PLC0415 - for this one test

    class Nobody(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            raise httpx.ConnectError("nobody there", request=request)

    return Nobody()


async def test_what_is_not_recorded_does_not_leave(sqlite_relay_and_peer: RelayAndPeer):
    """[5.1.6] the access entry is durable first: where it cannot be, the message waits."""
    relay_and_peer, case = sqlite_relay_and_peer, sqlite_relay_and_peer.world.case("in-force")
    message = await relay_and_peer.enqueue(case, "published")

    async def broken(*_: object) -> None:
        raise RuntimeError

    recorder, relay_and_peer.services.graphql_service.read_executor.recorder = (
        relay_and_peer.services.graphql_service.read_executor.recorder,
        type("Broken", (), {"record": broken})(),
    )
    assert (await relay_and_peer.round()).facts()["failed"] == 1
    assert relay_and_peer.peer.counts["asked"] == 0
    assert (await relay_and_peer.row(message))["failure"] == "NOT_RECORDED"
    relay_and_peer.services.graphql_service.read_executor.recorder = recorder
    assert (await relay_and_peer.round(HOUR)).facts()["sent"] == 1


async def test_a_message_with_a_damaged_value_waits(sqlite_relay_and_peer: RelayAndPeer):
    """Without the value its recipient would take it for a whole one."""
    relay_and_peer, case = sqlite_relay_and_peer, sqlite_relay_and_peer.world.case("in-force")
    message = await relay_and_peer.enqueue(case, "published")
    own = tables.restraint_cases.c.case_id == case.case_id
    async with relay_and_peer.services.database.writing() as session:
        ((facts,),) = await session.fetch(select(tables.restraint_cases.c.facts_sealed).where(own))
        await session.execute(update(tables.restraint_cases).where(own).values(facts_sealed=b"damaged"))
    assert (await relay_and_peer.round()).facts()["failed"] == 1
    assert relay_and_peer.peer.counts["asked"] == 0
    assert (await relay_and_peer.row(message))["failure"] == "WITHHELD"
    async with relay_and_peer.services.database.writing() as session:
        await session.execute(update(tables.restraint_cases).where(own).values(facts_sealed=facts))
    assert (await relay_and_peer.round(HOUR)).facts()["sent"] == 1


def replica(relay_and_peer: RelayAndPeer, clock: Callable[[], float] = time.monotonic) -> OutboxRelay:
    """Give the relay of another process; *clock* is the one by which it looks at its lease."""
    services = relay_and_peer.services
    return replace(relay_and_peer.relay, lease=JobLease(services.database, JOB, services.runtime.new_id(), clock))


async def let_leases_expire(relay_and_peer: RelayAndPeer) -> None:
    """Do what half a minute does to a lease that nobody renews."""
    await relay_and_peer.services.database.write((update(tables.leases).values(expires_at=NOW - HOUR), None))


async def test_replicas_have_one_courier(relay_and_peer: RelayAndPeer):
    await relay_and_peer.enqueue(relay_and_peer.world.case("in-force"), "published")
    relay_and_peer.peer.behaviour = PlatformBehaviour("slow", seconds=0.3)
    one, other = await asyncio.gather(relay_and_peer.relay.round(), replica(relay_and_peer).round())
    assert sorted([one.elsewhere, other.elsewhere]) == [False, True]
    assert one.sent + other.sent == 1


async def test_a_courier_that_is_lost_is_relieved(relay_and_peer: RelayAndPeer):
    """Its process was killed, or froze: it neither renews its lease nor ends it."""
    await relay_and_peer.enqueue(relay_and_peer.world.case("in-force"), "published")
    lost, other = replica(relay_and_peer), replica(relay_and_peer)
    async with lost.lease.for_a_round() as ours:
        assert ours
        assert (await other.round()).elsewhere
        await let_leases_expire(relay_and_peer)
        async with other.lease.for_a_round() as taken_over:
            assert taken_over
            assert not await lost.lease.renew()
            assert not lost.lease.is_held
        # What the lost one ends now is no lease of the other's.
        async with other.lease.for_a_round():
            await lost.lease.end()
            assert (await replica(relay_and_peer).round()).elsewhere
    assert (await other.round()).sent == 1


async def test_a_courier_that_froze_between_leasing_and_sending_sends_nothing(relay_and_peer: RelayAndPeer):
    """By then another one may have sent the message. Each message is sent once, and none is lost."""
    message = await relay_and_peer.enqueue(relay_and_peer.world.case("in-force"), "published")
    times = iter([0.0, 0.0, 0.0])  # made, taken, looked at before leasing messages
    frozen = replica(relay_and_peer, lambda: next(times, 1000.0))
    assert (await frozen.round()).facts() | {"elsewhere": False} == RelayRun().facts()
    assert relay_and_peer.peer.counts["asked"] == 0
    assert (await relay_and_peer.row(message))["failure"] == "IN_FLIGHT"
    assert (await relay_and_peer.round(HOUR)).sent == 1
    assert relay_and_peer.peer.counts["asked"] == 1


@pytest.mark.sampled
@pytest.mark.parametrize(
    "ended", [{"confidential": True}, {"dropped_on": date(2026, 11, 20)}, {"removed_on": date(2026, 11, 20)}]
)
async def test_a_determination_that_became_confidential_is_not_sent(
    relay_and_peer: RelayAndPeer, ended: dict[str, object]
):
    """[5.1.6] marked as confidential, or gone, while the platform was down: not even that there was a case leaves."""
    case = relay_and_peer.world.case("in-force")
    await relay_and_peer.change(case, published_on=None, ends_on=None, **ended)
    message = await relay_and_peer.enqueue(case, "determined")
    assert (await relay_and_peer.round()).facts()["nothing_to_tell"] == 1
    assert relay_and_peer.got(case) is None
    assert (await relay_and_peer.row(message))["failure"] == "NOTHING_TO_TELL"


async def test_a_determination_that_stands_is_announced_without_particulars(relay_and_peer: RelayAndPeer):
    case = relay_and_peer.world.case("in-force")
    await relay_and_peer.change(case, published_on=None, ends_on=None)
    await relay_and_peer.enqueue(case, "determined")
    assert (await relay_and_peer.round()).facts()["sent"] == 1
    assert (relay_and_peer.got(case).state, relay_and_peer.got(case).restraint) == ("DETERMINED", None)
