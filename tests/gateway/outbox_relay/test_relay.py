"""The courier against a real HTTP peer: what is sent, to whom, in which order, and what becomes of failures."""

import asyncio
from datetime import date, timedelta

import orjson
import pytest
from sqlalchemy import select

from gateway.demo.city_platform import PlatformBehaviour
from storage import tables
from tests.gateway.outbox_relay.relay_and_peer import RelayAndPeer

HOUR = timedelta(hours=1)


async def entries(post: RelayAndPeer, subject_id) -> list[tuple[str, str, str]]:
    table = tables.access_entries.c
    own = select(table.actor_ref, table.role, table.purpose).where(table.subject_id == subject_id)
    return [tuple(row) for row in await post.services.database.fetch(own)]


async def test_a_restraint_in_force_goes_with_what_the_platform_needs_and_is_recorded(post: RelayAndPeer):
    """[5.1.4(5)] basic information in clear, no telephone, no evidence; the subject sees that it went [5.1.6]."""
    case, party = post.world.case("in-force"), post.world.party("person-1")
    message = await post.leave(case, "published")
    assert (await post.round()).facts()["sent"] == 1
    got = post.got(case)
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
    assert await entries(post, case.subject_id) == [("courier", "platform", "PLATFORM_EXCHANGE")]
    row = await post.row(message)
    assert (row["sent_at"], row["failure"], row["attempts"]) == (post.clock.at, None, 1)
    assert (await post.round()).facts()["sent"] == 0


async def test_supervisors_get_what_they_could_look_up_themselves(post: RelayAndPeer):
    """[5.2.2] the number masked, of a person's address the township only; another sector's have nobody configured."""
    case, party = post.world.case("in-force"), post.world.party("person-1")
    await post.leave(case, "published", to="supervisors")
    await post.round()
    subject = post.got(case).restraint["subject"]
    assert subject["name"] == party.name
    assert subject["identifier"] == party.number[0] + "*" * 16 + party.number[-1]
    assert subject["address"] == "闻韶街道"
    assert await entries(post, case.subject_id) == [("courier", "regulator", "FOCUSED_CHECK")]


async def test_what_is_over_is_taken_down_without_particulars(post: RelayAndPeer):
    """[5.1.4(6)] [5.1.5] the message says how things stand when it is sent, not when it was left."""
    case = post.world.case("in-force")
    await post.leave(case, "published")
    await post.round()
    await post.leave(case, "rectified")
    await post.change(case, removed_on=date(2026, 11, 19))
    await post.leave(case, "removed")
    await post.round()
    got = post.got(case)
    assert (got.state, got.restraint, got.sequences) == ("ENDED", None, [1, 2, 3])
    assert len(await entries(post, case.subject_id)) == 1  # nothing was shown any more


async def test_a_determination_is_announced_without_particulars(post: RelayAndPeer):
    """[5.1.4(5)] promptly; who it is follows with the publication."""
    case = post.world.case("unpublished")
    await post.leave(case, "determined")
    await post.round()
    got = post.got(case)
    assert (got.state, got.restraint) == ("DETERMINED", None)
    assert await entries(post, case.subject_id) == []


async def test_who_was_told_nothing_has_nothing_to_take_down(post: RelayAndPeer):
    case = post.world.case("ended")
    message = await post.leave(case, "removed")
    assert (await post.round()).facts()["nothing_to_tell"] == 1
    assert post.got(case) is None
    assert (await post.row(message))["failure"] == "NOTHING_TO_TELL"


@pytest.mark.parametrize("status", [400, 409, 422])
async def test_what_cannot_heal_is_given_up_and_holds_nobody(small_post: RelayAndPeer, status: int):
    post, case = small_post, small_post.world.case("in-force")
    first = await post.leave(case, "published")
    post.peer.behaviour = PlatformBehaviour("refuse", status=status)
    assert (await post.round()).facts()["dead"] == 1
    row = await post.row(first)
    assert (row["failure"], row["dead_at"]) == (f"REFUSED_{status}", post.clock.at)
    post.peer.behaviour = PlatformBehaviour()
    await post.leave(case, "rectified")
    assert (await post.round(HOUR)).facts()["sent"] == 1
    assert post.got(case).sequences == [2]


@pytest.mark.parametrize("status", [401, 404, 429, 500, 502, 503])
async def test_what_may_heal_is_tried_again_and_arrives_once(small_post: RelayAndPeer, status: int):
    post, case = small_post, small_post.world.case("in-force")
    await post.leave(case, "published")
    post.peer.behaviour = PlatformBehaviour("refuse", status=status)
    for _ in range(4):
        assert (await post.round(HOUR)).facts()["failed"] == 1
    post.peer.behaviour = PlatformBehaviour()
    assert (await post.round(HOUR)).facts()["sent"] == 1
    assert (post.got(case).sequences, post.peer.counts["taken"], post.peer.counts["again"]) == ([1], 1, 0)


async def test_a_failing_message_holds_its_own_case_only(small_post: RelayAndPeer):
    """One case's letter breaks the peer (500): the others go on, and its own follow in their order."""
    post = small_post
    one, other = post.world.case("in-force"), post.world.case("company in force")
    first = await post.leave(one, "published")
    post.peer.behaviour = PlatformBehaviour("refuse", status=500)
    await post.round()
    post.peer.behaviour = PlatformBehaviour()
    await post.leave(one, "rectified")
    await post.leave(other, "published")
    assert (await post.round()).facts()["sent"] == 1
    assert post.got(one) is None
    assert post.got(other).sequences == [1]
    assert (await post.row(first))["failure"] == "HTTP_500"
    await post.round(HOUR)
    assert post.got(one).sequences == [1, 2]


async def test_a_recipient_that_is_away_costs_one_message_an_attempt(small_post: RelayAndPeer):
    """Of many that wait one asks for all; nobody's particulars are opened in vain for the rest [5.1.6]."""
    post = small_post
    cases = [post.world.case(name) for name in ("in-force", "company in force", "trader in force", "overdue")]
    post.peer.behaviour = PlatformBehaviour("down", retry_after=120)
    await post.leave(cases[0], "published")
    await post.round()
    for case in cases[1:]:
        await post.leave(case, "published")
    assert (await post.round(timedelta(seconds=100))).facts()["failed"] == 0  # it asked for two minutes
    assert (await post.round(timedelta(seconds=30))).facts()["failed"] == 1
    assert post.peer.counts["asked"] == 2
    post.peer.behaviour = PlatformBehaviour()
    assert (await post.round(HOUR)).facts()["sent"] == 4


async def test_a_slow_peer_is_given_up_in_time_and_takes_it_once(small_post: RelayAndPeer):
    post, case = small_post, small_post.world.case("in-force")
    message = await post.leave(case, "published")
    post.peer.behaviour = PlatformBehaviour("slow", seconds=1.5)  # longer than the client's patience here
    assert (await post.round()).facts()["failed"] == 1
    assert (await post.row(message))["failure"] == "TIMEOUT"
    post.peer.behaviour = PlatformBehaviour()
    assert (await post.round(HOUR)).facts()["sent"] == 1
    assert post.peer.counts["taken"] == 1


async def test_nobody_there_at_all(small_post: RelayAndPeer):
    post, case = small_post, small_post.world.case("in-force")
    message = await post.leave(case, "published")
    post.courier.client = type(post.courier.client)(transport=_Nobody())
    assert (await post.round()).facts()["failed"] == 1
    assert (await post.row(message))["failure"] == "UNREACHABLE"


def _Nobody():  # noqa: N802 - stands for a class
    import httpx  # noqa: PLC0415 - for this one test

    class Nobody(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            raise httpx.ConnectError("nobody there", request=request)

    return Nobody()


async def test_what_is_not_recorded_does_not_leave(small_post: RelayAndPeer):
    """[5.1.6] the access entry is durable first: where it cannot be, the message waits."""
    post, case = small_post, small_post.world.case("in-force")
    message = await post.leave(case, "published")

    async def broken(*_: object) -> None:
        raise RuntimeError

    kept, post.services.graphql_service.reading.recorder = (
        post.services.graphql_service.reading.recorder,
        type("Broken", (), {"record": broken})(),
    )
    assert (await post.round()).facts()["failed"] == 1
    assert post.peer.counts["asked"] == 0
    assert (await post.row(message))["failure"] == "NOT_RECORDED"
    post.services.graphql_service.reading.recorder = kept
    assert (await post.round(HOUR)).facts()["sent"] == 1


@pytest.mark.postgres
async def test_replicas_have_one_courier(postgresql_url, tmp_path):
    from tests.builders import new_keyring  # noqa: PLC0415 - for this one test
    from tests.gateway.outbox_relay.relay_and_peer import open_relay_and_peer  # noqa: PLC0415 - as above

    async with open_relay_and_peer(postgresql_url, new_keyring(tmp_path), tmp_path) as post:
        await post.leave(post.world.case("in-force"), "published")
        post.peer.behaviour = PlatformBehaviour("slow", seconds=0.3)
        one, other = await asyncio.gather(post.courier.round(), post.courier.round())
        assert sorted([one.elsewhere, other.elsewhere]) == [False, True]
        assert one.sent + other.sent == 1


@pytest.mark.parametrize(
    "ended", [{"confidential": True}, {"dropped_on": date(2026, 11, 20)}, {"removed_on": date(2026, 11, 20)}]
)
async def test_a_determination_that_may_not_be_told_of_any_more_is_not_announced(
    post: RelayAndPeer, ended: dict[str, object]
):
    """[5.1.6] marked as confidential, or gone, while the platform was down: not even that there was a case leaves."""
    case = post.world.case("in-force")
    await post.change(case, published_on=None, ends_on=None, **ended)
    message = await post.leave(case, "determined")
    assert (await post.round()).facts()["nothing_to_tell"] == 1
    assert post.got(case) is None
    assert (await post.row(message))["failure"] == "NOTHING_TO_TELL"


async def test_a_determination_that_stands_is_announced_without_particulars(post: RelayAndPeer):
    case = post.world.case("in-force")
    await post.change(case, published_on=None, ends_on=None)
    await post.leave(case, "determined")
    assert (await post.round()).facts()["sent"] == 1
    assert (post.got(case).state, post.got(case).restraint) == ("DETERMINED", None)
