"""Until it opens, a delayed read leaves no trace on the pages of its subject: not one byte [5.1.6].

Two worlds differ in nothing but a delay and what officers read under it. Whatever the delays and the reads, the pages
of the subject are the same in both until the day of the delay; on that day they show the reads by themselves.
"""

import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert

from credit.core.evidence_files import FileRecord, reference_of
from credit.subjects.subject import Place
from gateway.subjects.sealing_unit_of_work import SealingUnitOfWork
from queryplan.entities import Entity
from schema.core.global_ids import encode
from tests.builders import NOW, WENSHAO, Case, Ids, Party, case_row, enrol, particulars
from tests.hypothesis_profiles import examples
from tests.schema.service import ServiceUnderTest, open_service, settings_for
from tests.storage import rows

PAGES = """query($read: ID!, $delay: ID!) @purpose(is: SELF_ACCESS) {
  myAccessLog(first: 3) {
    totalCount pageInfo { hasNextPage endCursor }
    edges { cursor node { id at actor role purpose citation fieldsShown { field } delay { id opensOn } } }
  }
  byPurpose: myAccessLog(purpose: DETERMINATION) { totalCount nodes { id } }
  entryDelays { totalCount nodes { id opensOn acts { ground } } }
  mySubject { restraintCases { totalCount } }
  myNotifications { totalCount }
  worklist { totalCount }
  read: node(id: $read) { __typename }
  delay: node(id: $delay) { __typename }
  nodes(ids: [$read, $delay]) { __typename }
}"""
READS = {
    "handler's case": ("handler", "DETERMINATION", "node(id: $c) { ... on RestraintCase { facts subject { name } } }"),
    "handler's list": ("handler", "DETERMINATION", "restraintCases(first: 50) { nodes { number subject { phone } } }"),
    "subject": ("handler", "DETERMINATION", "subject(id: $s) { name phone restraintCases { nodes { facts } } }"),
    "handler's files": ("handler", "DETERMINATION", "evidenceFiles(first: 50) { nodes { reference } }"),
    "head's case": ("head", "DETERMINATION", "node(id: $c) { ... on RestraintCase { steps { nodes { step } } } }"),
    "head's tasks": ("head", "SUPERVISION", "worklist(first: 50) { nodes { case { number } } }"),
    "office": ("office", "SUPERVISION", "restraintCases(first: 50) { nodes { number subject { name } } }"),
    "auditor's delays": ("auditor", "AUDIT", "entryDelays(first: 50) { nodes { opensOn acts { orderedBy } } }"),
}
ACT = """mutation($i: %sInput!) @purpose(is: DETERMINATION) { %s(input: $i) {
  __typename ... on CaseChanged { case { number subject { name } } } ... on Refusal { code } } }"""
"""An act of the head, whose answer reads the case back."""
COMPARE = """mutation($i: CollectCaseInput!) @purpose(is: DETERMINATION) {
  collectCase(input: $i) { __typename }
}"""
"""A number of the investigation under another name: the name on record is compared."""
SERIAL = count(1)

events = st.lists(st.sampled_from([*READS, "compare", "extend"]), min_size=1, max_size=6)
days_ahead = st.integers(1, 30)


@dataclass(slots=True)
class Twin:
    """One of the two worlds, with its clock. The ids of its entries follow from their instants alone."""

    service: ServiceUnderTest
    clock: list[datetime]
    party: Party
    case: Case

    async def begin(self, serial: int) -> None:
        """Register another person with a collected case, and set the clock back."""
        self.clock[0] = NOW
        world, services = self.service.world, self.service.services
        ids = Ids(1_000_000 + 1_000 * serial)
        self.party, new = enrol(world.keyring, ids, **particulars("person", 1, WENSHAO, 100 + serial))
        none = dict.fromkeys(["published_on", "determined_on", "ends_on"])
        number = f"案-调查-{serial}"
        self.case, row = case_row(world.keyring, ids, self.party, number, collected_at=NOW, **none)
        async with SealingUnitOfWork(services.database, services.keyring) as work:
            await work.subjects.register(new)
            await work.cases.add([row])
            await work.commit()
        await self._attach(ids)

    async def _attach(self, ids: Ids) -> None:
        """Attach a file to the case."""
        services, subject_id, file_id = self.service.services, self.party.subject_id, ids()
        (files, file), (attachments, attached) = rows.file("one", "one", FileRecord.RESTRAINT_CASE.value, "one")
        place = Place("files", "content", subject_id, file_id, 1)
        mine = {"subject_id": subject_id, "file_id": file_id}
        own = {
            "reference": reference_of(file_id.bytes),
            "content_sealed": services.keyring.seal("5paH5Lmm", place, self.party.wrapped),
        }
        bound = {"record_id": self.case.case_id, "attachment_id": ids()}
        async with services.database.writing() as session:
            await session.execute(insert(files), [file | mine | own])
            await session.execute(insert(attachments), [attached | mine | bound])

    async def compare(self) -> None:
        person = {
            "kind": "NATURAL_PERSON",
            "name": "另一个名字",
            "number": self.party.number,
            "area": encode(Entity.AREA, WENSHAO),
        }
        case = {
            "number": "案-别",
            "circumstance": "FALSE_MATERIAL",
            "channel": "FACT_FINDING",
            "basis": "b",
            "facts": "f",
        }
        reply = await self.service.ask(COMPARE, "handler", {"i": {"person": person, **case}})
        assert reply.data["collectCase"]["__typename"] == "NameConflict", reply.json

    async def act(self, mutation: str, days: int) -> str:
        until = (self.clock[0] + timedelta(hours=8, days=days)).date().isoformat()
        given = {"case": self.case.gid, "ground": "个人信息保护法第十八条", "until": until, "evidence": ["令-1"]}
        name = f"{mutation[0].upper()}{mutation[1:]}"
        reply = await self.service.ask(ACT % (name, mutation), "head", {"i": given})
        assert not reply.errors, reply.json
        return str(reply.data[mutation]["__typename"])

    async def read(self, name: str) -> None:
        who, purpose, query = READS[name]
        variables = {one: value for one, value in (("c", self.case.gid), ("s", self.party.gid)) if f"${one}" in query}
        declared = f"({', '.join(f'${one}: ID!' for one in variables)})" if variables else ""
        reply = await self.service.ask(f"query{declared} @purpose(is: {purpose}) {{ {query} }}", who, variables)
        assert reply.data, reply.json

    async def page(self, hidden: UUID) -> bytes:
        """Return the pages of the subject; *hidden* is an entry, or a delay, that only one of the worlds has."""
        of = self.party.subject_id
        ids = {"read": encode(Entity.ACCESS_ENTRY, of, hidden), "delay": encode(Entity.ENTRY_DELAY, of, hidden)}
        reply = await self.service.ask(PAGES, self.party.itself, ids)
        assert reply.data["mySubject"], reply.json
        return reply.body


@asynccontextmanager
async def twin(kek: Path, path: Path, template: Path) -> AsyncIterator[Twin]:
    shutil.copy(template, path)
    clock = [NOW]
    async with open_service(settings_for(kek, f"sqlite:///{path}"), now=lambda: clock[0]) as service:
        graphql = service.services.graphql_service
        graphql.runtime = graphql.read_executor.runtime = replace(graphql.runtime, new_entry_id=entry_ids())
        yield Twin(service, clock, service.world.party("person-1"), service.world.case("in-force"))


def entry_ids() -> Callable[[datetime], UUID]:
    """Return ids that begin with the instant, as in production, and count within it."""
    places: dict[datetime, Iterator[int]] = {}

    def new(at: datetime) -> UUID:
        serial = next(places.setdefault(at, count()))
        return UUID(int=(int(at.timestamp() * 1000) << 80) | 7 << 76 | 2 << 62 | serial)

    return new


@pytest.fixture
async def worlds(kek: Path, tmp_path: Path, migrated_sqlite: Path) -> AsyncIterator[Callable[[], tuple[Twin, Twin]]]:
    """Give a world that is watched, and one that is not: by a function, whose repr is short."""
    async with (
        twin(kek, tmp_path / "a.db", migrated_sqlite) as one,
        twin(kek, tmp_path / "b.db", migrated_sqlite) as two,
    ):
        yield lambda: (one, two)


@pytest.mark.slow
@settings(max_examples=examples(24, few=4), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(days=9, before=["handler's files", "compare", "subject"], extension=1)
@given(days=days_ahead, before=events, extension=days_ahead)
async def test_before_it_opens_the_page_is_that_of_a_world_without_the_reads(
    worlds: Callable[[], tuple[Twin, Twin]], days: int, before: list[str], extension: int
) -> None:
    both = watched, quiet = worlds()
    serial = next(SERIAL)
    for one in both:
        await one.begin(serial)
    assert await watched.page(UUID(int=0)) == await quiet.page(UUID(int=0))
    watched.clock[0] += timedelta(minutes=1)
    assert await watched.act("delayEntries", days) == "CaseChanged"
    for event in before:
        watched.clock[0] += timedelta(minutes=1)
        if event == "compare":
            await watched.compare()
        elif event != "extend":
            await watched.read(event)
        elif await watched.act("extendEntryDelay", extension) == "CaseChanged":
            days = extension
    mine = [one for one in await watched.service.entries() if one["subject_id"] == watched.party.subject_id]
    delayed = [one for one in mine if one["delay_id"] is not None]
    assert len(delayed) == len(mine) - 1 > 0, "all but what the subject itself has read"
    midnight = NOW.replace(hour=16) + timedelta(days=days - 1)  # in Shanghai
    hidden_ids = delayed[0]["entry_id"], delayed[0]["delay_id"]
    for start, is_open in ((midnight - timedelta(seconds=1), False), (midnight, True)):
        for place, hidden in enumerate(hidden_ids):
            watched.clock[0] = quiet.clock[0] = start + timedelta(milliseconds=place)
            seen, without = [await one.page(hidden) for one in both]
            assert (seen != without) is is_open
    assert b'"read":{"__typename":"AccessEntry"}' in seen or b'"delay":{"__typename":"EntryDelay"}' in seen
    assert not watched.service.failures + quiet.service.failures
