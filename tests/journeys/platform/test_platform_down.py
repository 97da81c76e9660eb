"""The city platform is down for a day, and nothing is lost and nothing arrives twice [5.1.4(5)] [5.2.2] [6.2].

A real HTTP peer stands for the platform, another for the supervisors of a sector. On Thu 26 February 2026 cases are
determined, published, rectified and referred while both are away; the next day they are back. On the way one relay is
killed between sending and marking.
"""

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import orjson
import pytest
from sqlalchemy import String, cast, delete, select

from gateway.demo.city_platform import CityPlatform, PlatformBehaviour, StoredCase
from gateway.http.app import server_options
from gateway.outbox_relay.relay import OutboxRelay, RelayRun
from gateway.outbox_relay.runner import relay_of
from gateway.services import build_services
from storage import tables
from tests.builders import Case
from tests.databases import on_both
from tests.forked import forked
from tests.gateway.fakes import ServerThread
from tests.gateway.outbox_relay import crash
from tests.journeys.cases.test_a_case import PAPER, SHORT, OfCase, february, put
from tests.journeys.cases.test_confidential import unmark
from tests.journeys.running_server import RunningServer, open_server
from tests.schema.service import settings_for

pytestmark = pytest.mark.subprocess

TOKEN = "a-token-of-the-peers"
MORNING = february(26, 9)
EVENT = "restraint-case."


@dataclass(slots=True)
class Day:
    """The server, its outbox relay, and its recipients."""

    server: RunningServer
    courier: OutboxRelay
    platform: CityPlatform
    supervisors: CityPlatform
    environment: dict[str, str]

    async def case(self, number: str, whose: str) -> OfCase:
        """Bring a new case of *whose* to its receipt on Fri 13 February."""
        steps = OfCase(self.server, await put(self.server, number, whose))
        steps.served()
        return steps

    async def carry(self, at: datetime) -> RelayRun:
        """Run the relay once at an instant."""
        self.server.clock.at = at
        return await self.courier.round()

    async def killed(self, at: datetime, number: int) -> int | None:
        """Let another relay die between sending and marking its *number*-th message; returns its exit status."""
        async with forked(crash.main, at.isoformat(), str(number), environment=self.environment) as process:
            status = await process.wait()
        # It would keep the lease for half a minute.
        await self.server.database.write((delete(tables.leases), None))
        return status

    async def unsent(self, *routes: str) -> int:
        """Count what waits for these, about the cases of this day: those of the world have a history of their own."""
        return (await self.unsent_by_case(*routes)).total()

    async def unsent_by_case(self, *routes: str) -> Counter[UUID]:
        """Count the same for each case."""
        table = tables.outbox.c
        waiting = select(table.lane).where(
            table.sent_at.is_(None), table.route.in_(routes), table.topic != f"{EVENT}run-anew"
        )
        return Counter(lane for (lane,) in await self.server.database.fetch(waiting))


@pytest.fixture
async def day(database_url: str, kek: Path, tmp_path: Path) -> AsyncIterator[Day]:
    platform, supervisors = CityPlatform(TOKEN), CityPlatform(TOKEN)
    options = server_options(settings_for(kek, database_url))
    async with AsyncExitStack() as stack:
        at = [stack.enter_context(ServerThread(peer.app(), options)).url for peer in (platform, supervisors)]
        token, file = tmp_path / "token", tmp_path / "supervisors.toml"
        token.write_text(TOKEN)
        file.write_text(f'[market]\nurl = "{at[1]}/restraints"\ntoken_file = "{token}"\n')
        given = {
            "PLATFORM_URL": f"{at[0]}/restraints", "PLATFORM_TOKEN_FILE": str(token), "SUPERVISORS_FILE": str(file),
            "LOG_FORMAT": "json",
        }  # fmt: skip
        settings = settings_for(kek, database_url, **given)
        named = {**given, "KEK_FILE": str(kek), "DATABASE_URL": database_url, "DEV_KEY_FILE": str(kek.with_name("d"))}
        environment = {f"CHENGXIN_{name}": value for name, value in named.items()}
        server = await stack.enter_async_context(open_server(settings))
        services = build_services(settings, server.clock)
        stack.push_async_callback(services.close)
        courier = await stack.enter_async_context(relay_of(services))
        yield Day(server, courier, platform, supervisors, environment)


def stored_by(peer: CityPlatform, case: Case) -> StoredCase:
    return peer.cases[str(case.case_id)]


@on_both
async def test_the_platform_is_down_for_a_day(day: Day) -> None:
    first, second = await day.case("案-停机-1", "person-1"), await day.case("案-停机-2", "company-1")
    third, fourth = await day.case("案-停机-3", "person-2"), await day.case("案-停机-4", "trader-1")
    everybody = (first, second, third, fourth)
    determination = {"severity": SHORT, "legalDocument": "临审告字〔2026〕第7号"}

    # Before: one determination arrives at once.
    first.done("handler", "determineCase", MORNING, **determination)
    assert (await day.carry(MORNING)).sent == 1
    assert stored_by(day.platform, first.case).state == "DETERMINED"

    # Both go down, and the work goes on.
    day.platform.behaviour = day.supervisors.behaviour = PlatformBehaviour("down", retry_after=30)
    for steps in (second, third, fourth):
        steps.done("handler", "determineCase", MORNING + timedelta(hours=1), **determination)
    for hour, steps in enumerate(everybody, start=2):
        steps.done("handler", "publishCase", MORNING + timedelta(hours=hour))
        await day.carry(MORNING + timedelta(hours=hour, minutes=10))
    second.done("handler", "confirmRectification", MORNING + timedelta(hours=7), evidence=["整改-1"])
    third.done("handler", "referCase", MORNING + timedelta(hours=8), evidence=["移送-1"])
    for minutes in range(0, 15 * 60, 20):
        round_ = await day.carry(MORNING + timedelta(hours=9, minutes=minutes))
        assert (round_.sent, round_.dead) == (0, 0)
    # Determined, published, rectified: all still there. What was referred is not announced any more [5.1.2].
    waiting = await day.unsent_by_case("platform")
    assert [waiting.get(steps.case.case_id, 0) for steps in (first, second, fourth)] == [1, 3, 2]
    asked = day.platform.counts["asked"] + day.supervisors.counts["asked"]
    assert asked < 250, "nobody's particulars are opened over and over again in vain"

    # Back. The first relay is killed between sending and marking; its message is sent again.
    day.platform.behaviour = day.supervisors.behaviour = PlatformBehaviour()
    back = MORNING + timedelta(hours=26)
    assert await day.killed(back, 3) == -9
    await day.carry(back + timedelta(seconds=10))
    for minutes in range(0, 180, 20):
        await day.carry(back + timedelta(minutes=2 + minutes))
    assert await day.unsent("platform", "supervisors") == 0

    # Everything arrived once, and in order for each case; a restarted case of the sample data was sent as well.
    for peer in (day.platform, day.supervisors):
        assert (peer.counts["stale"], peer.counts["refused"]) == (0, 0)
        for one in peer.cases.values():
            assert one.sequences == sorted(set(one.sequences))
    assert day.platform.counts["again"] + day.supervisors.counts["again"] >= 1
    topics = {steps.case.number: stored_by(day.platform, steps.case).topics for steps in (first, second, fourth)}
    assert topics == {
        "案-停机-1": [f"{EVENT}determined", f"{EVENT}published"],
        "案-停机-2": [f"{EVENT}determined", f"{EVENT}published", f"{EVENT}rectified"],
        "案-停机-4": [f"{EVENT}determined", f"{EVENT}published"],
    }
    # The case that was referred while they were down was never sent to anybody [5.1.6].
    for peer in (day.platform, day.supervisors):
        assert str(third.case.case_id) not in peer.cases
        assert [stored_by(peer, steps.case).state for steps in (first, second, fourth)] == ["IN_FORCE"] * 3
    rectified = stored_by(day.platform, second.case).restraint
    assert rectified is not None
    assert rectified["rectified_on"] == "2026-02-26"


async def test_no_personal_data_waits_or_is_logged(day: Day) -> None:
    """[5.1.6] the outbox, dead letters and the log hold references only; particulars are opened at sending."""
    steps = await day.case("案-停机-5", "person-1")
    party = day.server.world.party("person-1")
    day.platform.behaviour = PlatformBehaviour("refuse", status=422)
    day.supervisors.behaviour = PlatformBehaviour("refuse", status=500)
    steps.done("handler", "determineCase", MORNING, severity=SHORT, legalDocument="临审告字〔2026〕第8号")
    steps.done("handler", "publishCase", MORNING)
    for hour in range(3):
        await day.carry(MORNING + timedelta(hours=hour))
    every = await day.server.database.fetch(select(*(cast(column, String) for column in tables.outbox.c)))
    dead = [row for row in every if row[tables.outbox.c.keys().index("dead_at")] is not None]
    assert len(dead) == 2
    text = orjson.dumps([[str(value) for value in row] for row in every]).decode() + day.server.lines.getvalue()
    assert "courier.gave-up" in text
    assert "REFUSED_422" in text
    for private in (party.name, party.number, party.phone, party.address, steps.case.facts, TOKEN):
        assert private
        assert private not in text
    assert PAPER[0] not in day.server.lines.getvalue()


async def test_what_is_marked_confidential_is_taken_down_everywhere_and_comes_back(day: Day) -> None:
    """Without particulars and without the reason; announced again where it is still in force [5.1.6] [5.1.4(5)]."""
    listed = await day.case("案-涉密-1", "person-1")
    announced, unsent = await day.case("案-涉密-2", "company-1"), await day.case("案-涉密-3", "trader-1")
    determination = {"severity": SHORT, "legalDocument": "临审告字〔2026〕第7号"}
    for steps in (listed, announced):
        steps.done("handler", "determineCase", MORNING, **determination)
    listed.done("handler", "publishCase", MORNING + timedelta(hours=1))
    await day.carry(MORNING + timedelta(hours=2))
    unsent.done("handler", "determineCase", MORNING + timedelta(hours=3), **determination)
    assert stored_by(day.platform, listed.case).state == stored_by(day.supervisors, listed.case).state == "IN_FORCE"

    at = MORNING + timedelta(hours=4)
    for steps in (listed, announced, unsent):
        steps("head", "markConfidential", at, evidence=["定密-1"])
    await day.carry(at)
    for peer, steps in ((day.platform, listed), (day.supervisors, listed), (day.platform, announced)):
        found = stored_by(peer, steps.case)
        assert (found.state, found.restraint, found.topics[-1]) == ("ENDED", None, f"{EVENT}ended")
    assert str(announced.case.case_id) not in day.supervisors.cases, "it never had it"
    assert str(unsent.case.case_id) not in day.platform.cases, "what was not sent yet is not announced any more"
    assert await day.unsent("platform", "supervisors") == 0

    day.server.clock.at = at + timedelta(hours=1)
    for steps in (listed, announced, unsent):
        assert unmark(day.server, "head", number=steps.case.number)["__typename"] == "CaseChanged"
    await day.carry(at + timedelta(hours=2))
    for peer in (day.platform, day.supervisors):
        found = stored_by(peer, listed.case)
        assert (found.state, found.topics[-1]) == ("IN_FORCE", f"{EVENT}published")
        assert found.restraint is not None
    for steps in (announced, unsent):
        assert stored_by(day.platform, steps.case).state == "DETERMINED"
    assert not any("mark" in topic for peer in (day.platform, day.supervisors) for one in peer.cases.values()
                   for topic in one.topics)  # fmt: skip
