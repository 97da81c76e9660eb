"""Every number that is tried is counted first, and leaves an entry before the answer, hit or miss [5.1.6]."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from gateway.services import build_services
from storage import tables
from tests.builders import ACTORS, NOW
from tests.credit.subjects.synthetic_numbers import id_number
from tests.schema.service import ServiceUnderTest, open_service, settings_for
from tests.storage.access_record import pending

FIND = "query($n: String!) @purpose(is: %s) { subjectByIdentifier(kind: ID_NUMBER, number: $n) { __typename } }"
HANDLING, CHECKING = FIND % "APPLICATION_HANDLING", FIND % "CREDIT_CHECK"
NOBODY = id_number(born="19120404", sequence="901")
NEIGHBOUR = id_number(born="19120404", sequence="902")
PAGE = "query @purpose(is: APPLICATION_HANDLING) { applications(first: 5) { nodes { number subject { name } } } }"


@pytest.fixture
async def limited(database_url: str, kek: Path) -> AsyncIterator[ServiceUnderTest]:
    quotas = {"LOOKUPS_PER_ACTOR": "3/hour", "LOOKUPS_PER_DEPARTMENT": "5/hour"}
    async with open_service(settings_for(kek, database_url, **quotas)) as service:
        yield service


async def lookups(service: ServiceUnderTest) -> list[dict[str, Any]]:
    names = [column.name for column in tables.number_lookups.c]
    rows = await service.services.database.fetch(select(tables.number_lookups).order_by(tables.number_lookups.c.at))
    return [dict(zip(names, row, strict=True)) for row in rows]


async def test_a_hit_and_a_miss_leave_the_same_kind_of_entry(service: ServiceUnderTest) -> None:
    """A miss is answered as before; beside the entry of a hit stands the subject's own."""
    known = service.world.party("person-1").number
    miss, nothing = await service.recorded(HANDLING, "clerk", {"n": NOBODY})
    assert (miss.body, nothing) == (b'{"data":{"subjectByIdentifier":null}}', [])
    hit, shown = await service.recorded(HANDLING, "clerk", {"n": known})
    assert (hit.data, len(shown)) == ({"subjectByIdentifier": {"__typename": "NaturalPerson"}}, 1)
    await service.ask(HANDLING, "clerk", {"n": NEIGHBOUR})

    left = sorted(await lookups(service), key=lambda one: str(one["outcome"]))
    assert [one["outcome"] for one in left] == ["HIT", "MISS", "MISS"]
    neighbourhoods = [one["neighbourhood"] for one in left]
    assert neighbourhoods[1] == neighbourhoods[2] != neighbourhoods[0]
    same = {(one["caller"], one["role"], one["department_code"], one["purpose"], one["entrance"]) for one in left}
    ((caller, *facts),) = same
    assert facts == ["clerk", ACTORS["clerk"].department, "APPLICATION_HANDLING", "SEARCH"]
    assert caller != ACTORS["clerk"].ref
    waiting = {source for log, source, _ in await pending(service.services.database) if log == "access"}
    assert {one["entry_id"] for one in left} <= waiting


async def test_one_number_tried_again_is_told_apart_from_its_neighbours(service: ServiceUnderTest) -> None:
    """A clerk asks for one person again while an authorisation is awaited; a colleague's first time is its own."""
    colleague = replace(ACTORS["clerk"], ref="clerk-9")
    for who, number in [("clerk", NOBODY), ("clerk", NOBODY), ("clerk", NEIGHBOUR), (colleague, NOBODY)]:
        await service.ask(HANDLING, who, {"n": number})
    assert sorted(bool(one["is_repeated"]) for one in await lookups(service)) == [False, False, False, True]


async def test_without_consent_nobody_learns_who_is_on_record_from_entries_either(service: ServiceUnderTest) -> None:
    """Not shown is a miss, whether or not there is a record [5.1.6]."""
    bodies = {
        (await service.ask(CHECKING, "clerk", {"n": number})).body
        for number in (service.world.party("person-2").number, NOBODY)
    }
    assert len(bodies) == 1
    assert [one["outcome"] for one in await lookups(service)] == ["MISS", "MISS"]


async def test_no_row_of_any_table_tells_the_number(service: ServiceUnderTest) -> None:
    known = service.world.party("person-1").number
    for number in (NOBODY, known):
        await service.ask(HANDLING, "clerk", {"n": number})
    found = []
    for table in tables.metadata.sorted_tables:
        rows = await service.services.database.fetch(select(table))
        found += [table.name for row in rows if NOBODY[:-4] in repr(row) or known[:-4] in repr(row)]
    assert found == []


async def test_beyond_the_quota_a_hit_and_a_miss_are_refused_alike(limited: ServiceUnderTest) -> None:
    """Counted before anything is looked for; a number that is none does not count; nothing is left of a refusal."""
    known = limited.world.party("person-1").number
    assert (await limited.ask(HANDLING, "clerk", {"n": NOBODY[:-1] + "0"})).status == 400
    for number in (known, NOBODY, known):
        assert (await limited.ask(HANDLING, "clerk", {"n": number})).status == 200
    refused = {(await limited.ask(HANDLING, "clerk", {"n": number})).body for number in (known, NOBODY)}
    assert len(refused) == 1
    reply = await limited.ask(CHECKING, "clerk", {"n": NOBODY})
    assert (reply.status, reply.executed, reply.codes) == (429, False, ["LOOKUP_QUOTA"])
    (error,) = reply.errors
    until = (NOW + timedelta(hours=1)).isoformat().replace("+00:00", "Z")
    assert error["extensions"]["until"] == until
    assert "上限" in error["message"]
    assert len(await lookups(limited)) == 3


async def test_several_in_one_document_count_each(limited: ServiceUnderTest) -> None:
    def asked(times: int) -> str:
        roots = " ".join(f"a{at}: subjectByIdentifier(kind: ID_NUMBER, number: $n) {{ id }}" for at in range(times))
        return "query($n: String!) @purpose(is: APPLICATION_HANDLING) { " + roots + " }"

    assert (await limited.ask(asked(4), "clerk", {"n": NOBODY})).codes == ["LOOKUP_QUOTA"]
    assert (await limited.ask(asked(3), "clerk", {"n": NOBODY})).data == {"a0": None, "a1": None, "a2": None}
    assert len(await lookups(limited)) == 3


async def test_the_quota_is_shared_by_replicas_and_by_the_department(limited: ServiceUnderTest) -> None:
    async with AsyncExitStack() as closing:
        replica = build_services(limited.services.settings, lambda: NOW)
        closing.push_async_callback(replica.close)
        other = ServiceUnderTest(replica, limited.world)
        colleague = replace(ACTORS["clerk"], ref="clerk-9")
        for service in (limited, other, limited):
            assert (await service.ask(HANDLING, "clerk", {"n": NOBODY})).status == 200
        assert (await other.ask(HANDLING, "clerk", {"n": NOBODY})).status == 429
        for _ in range(2):
            assert (await other.ask(HANDLING, colleague, {"n": NOBODY})).status == 200
        assert (await other.ask(HANDLING, colleague, {"n": NOBODY})).status == 429, "the department's five are used"
        assert (await other.ask(HANDLING, "other clerk", {"n": NOBODY})).status == 200, "another department"


async def test_what_cannot_be_recorded_is_not_answered(service: ServiceUnderTest) -> None:
    class Failing:
        async def record(self, *_: object) -> None:
            raise OSError

    executor = service.services.graphql_service.read_executor
    service.services.graphql_service.read_executor = replace(executor, recorder=Failing())
    reply = await service.ask(HANDLING, "clerk", {"n": NOBODY})
    assert (reply.status, reply.codes, reply.data) == (503, ["NOT_RECORDED"], None)


async def test_a_page_without_a_lookup_touches_no_limit(service: ServiceUnderTest) -> None:
    """No statement more than before, and no counter."""

    class Untouched:
        def __getattr__(self, name: str) -> object:
            raise AssertionError(name)

    executor = service.services.graphql_service.read_executor
    service.services.graphql_service.read_executor = replace(executor, lookups=Untouched())
    reply = await service.ask(PAGE, "clerk")
    assert reply.data["applications"]["nodes"]
    assert await service.services.database.fetch(select(tables.rate_limits)) == []
    assert await lookups(service) == []
