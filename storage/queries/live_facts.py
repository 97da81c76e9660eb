"""What must hold at the moment of a read, whatever an older snapshot shows [5.1.6].

A snapshot that is held open for many pages shows the data of the moment at which it began. What permits a read can end
meanwhile, and then nothing more may be shown:

    a delegation to the actor     withdrawn, narrowed, contested, or over
    a subject's key               shredded: the snapshot still has it
    a mark `confidential`         set on a case or an application of a subject that is shown
    a delay                       begun on an investigation of a subject that is shown: its entries would not be covered

Each page compares them with the snapshot. An authorisation is not among them: a plan that rests on consent reads no
snapshot at all, so it is checked in the statement that reads, as ever.
"""

from collections.abc import Collection, Mapping
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, Table, select, union_all
from sqlalchemy.sql.selectable import CompoundSelect

from credit.cases.status import UnrectifiedPolicy
from queryplan.plan import SnapshotOutdated
from storage.database.array_binds import among
from storage.database.database import Database
from storage.database.session import Session
from storage.queries.conditions.scope_rules import delegation_is_mine
from storage.queries.literals import number
from storage.queries.statements.compiled_select import CompiledSelect, compiled
from storage.queries.statements.fragments import FragmentStore
from storage.tables import applications, delegations, entry_delays, restraint_cases, subject_keys

SUBJECTS: Final = "subjects"
"""The bind that holds the ids of the subjects that are shown."""
_ACTOR: Final = ("actor_ref", "today")


class LiveFacts:
    """Compares what permits and what forbids a read, in a snapshot and now."""

    def __init__(self, database: Database, store: FragmentStore) -> None:
        self._database = database
        shown = [
            among(table.c.subject_id, SUBJECTS, database.dialect)
            for table in (subject_keys, restraint_cases, applications, entry_delays)
        ]
        mine = delegation_is_mine(delegations, UnrectifiedPolicy.STAYS)
        permits: CompoundSelect[Any] = union_all(
            _rows(subject_keys, "subject_id").where(shown[0]), _rows(delegations, "delegation_id").where(mine)
        )
        forbids: CompoundSelect[Any] = union_all(
            _rows(restraint_cases, "case_id").where(shown[1], restraint_cases.c.confidential.is_(True)),
            _rows(applications, "application_id").where(shown[2], applications.c.confidential.is_(True)),
            _rows(entry_delays, "delay_id").where(shown[3]),
        )
        self._permits, self._forbids = (
            compiled(store.compiled(facts), is_sqlite=store.is_sqlite) for facts in (permits, forbids)
        )

    async def require(self, snapshot: Session, subjects: Collection[UUID], binds: Mapping[str, object]) -> None:
        """Raise SnapshotOutdated where less is permitted now than in *snapshot*, about *subjects* or to the actor."""
        values = {SUBJECTS: sorted(subjects), **{name: binds.get(name) for name in _ACTOR}}
        permitted = await _facts(snapshot, self._permits, values)
        if permitted and not permitted <= await _facts(self._database, self._permits, values):
            raise SnapshotOutdated
        forbidden = await _facts(self._database, self._forbids, values)
        if forbidden and not forbidden <= await _facts(snapshot, self._forbids, values):
            raise SnapshotOutdated


async def _facts(
    source: Session | Database, statement: CompiledSelect, binds: Mapping[str, object]
) -> set[tuple[Any, ...]]:
    """Return the facts as the driver gives them: they are only compared with each other."""
    return {tuple(row) for row in await source.fetch_text(statement.text, statement.values(binds))}


def _rows(table: Table, key: str) -> Select[Any]:
    """Return each row by its subject and key, and of a delegation what it lets the delegate see and do."""
    given = [table.c[name] if name in table.c else number(0) for name in ("groups", "powers")]
    return select(table.c.subject_id, table.c[key], *given)
