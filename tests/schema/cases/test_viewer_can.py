"""Who is told which steps of a case, and on what they are tried; that the mutations agree: tests/journeys/effects."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from queryplan.entities import Entity
from storage.database.session import Parameters, Rows
from storage.queries.entity_map import SHAPES
from storage.step_records import RecordKey, SqlStepRecords
from storage.unit_of_work import SqlUnitOfWork
from tests.builders.taken_over import PROVENANCE
from tests.schema.service import ServiceUnderTest

OF_THE_HANDLER = [
    *("VERIFY_CASE", "NOTICE_CASE", "SERVE_CASE", "ENTER_STATEMENT", "DETERMINE_CASE", "PUBLISH_CASE"),
    *("ENTER_RECTIFICATION_CLAIM", "REFUSE_RECTIFICATION", "CONFIRM_RECTIFICATION", "REFER_CASE", "DROP_CASE"),
    "REPORT_ERROR",
]
OF_THE_HEAD = [
    *("ASSIGN_REVIEWER", "HAND_OVER_CASE", "CONFIRM_TAKEN_OVER", "REPORT_ERROR", "DELAY_ENTRIES"),
    *("EXTEND_ENTRY_DELAY", "MARK_CONFIDENTIAL"),
]
TOLD: tuple[tuple[str, str, str, list[str]], ...] = (
    # Who, for which purpose, by which list, and the steps.
    ("handler", "DETERMINATION", "restraintCases", OF_THE_HANDLER),
    ("head", "DETERMINATION", "restraintCases", OF_THE_HEAD),
    ("reviewer", "REVIEW", "restraintCases", ["REVIEW_CASE"]),
    ("person-1", "SELF_ACCESS", "restraintCases", ["STATE_DEFENCE", "CLAIM_RECTIFICATION"]),
    ("agent", "SELF_ACCESS", "restraintCases", ["STATE_DEFENCE", "CLAIM_RECTIFICATION"]),
    ("office", "SUPERVISION", "restraintCases", []),
    ("regulator", "FOCUSED_CHECK", "focusedCheckTargets", []),
    ("anonymous", "PUBLICITY", "publicRestraintList", []),
)


@pytest.mark.parametrize(("who", "purpose", "root", "steps"), TOLD, ids=[f"{row[0]} for {row[1]}" for row in TOLD])
async def test_everybody_is_told_the_steps_of_its_role(
    shared_service: ServiceUnderTest, who: str, purpose: str, root: str, steps: list[str]
) -> None:
    """What the policy or the rule of a step gives to another role is left out; who takes no step has none [5.1.4]."""
    query = f"query @purpose(is: {purpose}) {{ {root}(first: 3) {{ nodes {{ viewerCan {{ name }} }} }} }}"
    reply, entries = await shared_service.recorded(query, who)
    assert reply.errors == []
    nodes = reply.data[root]["nodes"]
    assert nodes
    assert all([step["name"] for step in node["viewerCan"]] == steps for node in nodes)
    shown = {field for entry in entries for field, *_ in entry["fields"]}
    assert ("RestraintCase.viewerCan" in shown) is bool(steps)


class CountingSession:
    """A session that counts its statements."""

    def __init__(self, session: Any) -> None:
        self._session, self.run = session, 0

    async def fetch(self, statement: Any, parameters: Parameters | None = None) -> Rows:
        self.run += 1
        found: Rows = await self._session.fetch(statement, parameters)
        return found


Read = Callable[[SqlStepRecords, Collection[RecordKey]], Awaitable[Sequence[Any]]]
READS: tuple[tuple[Entity, Read, Callable[[SqlUnitOfWork], Any]], ...] = (
    (Entity.RESTRAINT_CASE, lambda records, keys: records.cases(keys), lambda work: work.cases),
    (Entity.APPLICATION, lambda records, keys: records.applications(keys), lambda work: work.applications),
    (Entity.DEFERRAL, lambda records, keys: records.deferrals(keys), lambda work: work.deferrals),
    (Entity.COMMITMENT, lambda records, keys: records.commitments(keys), lambda work: work.commitments),
    (Entity.DELETION_DUTY, lambda records, keys: records.duties(keys), lambda work: work.deletions),
)


@pytest.mark.parametrize(("entity", "read", "store"), READS, ids=[str(row[0]) for row in READS])
async def test_steps_are_tried_on_what_the_mutations_load(
    shared_service: ServiceUnderTest, entity: Entity, read: Read, store: Callable[[SqlUnitOfWork], Any]
) -> None:
    """And as many records take as many statements as one."""
    database, keys = shared_service.services.database, await keys_of(shared_service, entity)
    assert keys
    async with database.snapshot() as session:
        one, all_at_once = CountingSession(session), CountingSession(session)
        assert len(await read(SqlStepRecords(one), keys[:1])) == 1  # type: ignore[arg-type]  # it only reads
        found = await read(SqlStepRecords(all_at_once), keys)  # type: ignore[arg-type]  # as above
    assert one.run == all_at_once.run
    async with SqlUnitOfWork(database, PROVENANCE) as work:
        loaded = [await store(work).load(*key) for key in keys]
    assert sorted(map(repr, found)) == sorted(map(repr, loaded))
    assert len(found) == len(keys)


async def keys_of(service: ServiceUnderTest, entity: Entity) -> list[RecordKey]:
    """Return the keys of every stored record of *entity*."""

    table = SHAPES[entity].table
    rows = await service.services.database.fetch(select(*(table.c[name] for name in entity.spec.keys)))
    keys: list[tuple[UUID, UUID]] = [(row[0], row[1]) for row in rows]
    return keys
