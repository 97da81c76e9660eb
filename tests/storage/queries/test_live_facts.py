"""[5.1.6] Many plans in one snapshot: it shows one moment, and what permits a read must hold when it is read."""

import pytest
from sqlalchemy import delete, insert, update

from consent.vocabulary import FieldGroup, Purpose
from queryplan.entities import Entity
from queryplan.plan import Column, Figure, Filter, Order, QueryPlan, SelectPlan, SnapshotOutdated
from queryplan.scopes import Scope
from storage.database.database import Database
from storage.queries.query_runner import SqlQueryRunner
from storage.tables import applications, authorisations, delegations, entry_delays, restraint_cases, subject_keys
from tests.storage import rows
from tests.storage.rows import ACTOR, EARLIER, key, put

OF = "of"
NUMBERS = SelectPlan(
    Entity.RESTRAINT_CASE,
    (Column("", "number"), Column("", "subject_id")),
    scopes=(Scope.ALL,),
    filters=(Filter("", "subject_id", "=", OF),),
    order=(Order("subject_id"), Order("case_id")),
    limit=5,
    figures=(Figure.TOTAL,),
)
NAME = SelectPlan(
    Entity.SUBJECT, (Column("", "name", "sealed"),), scopes=(Scope.ALL,), filters=(Filter("", "subject_id", "=", OF),)
)


def whole(name: str) -> list[rows.Row]:
    """Give a subject with a key, a case, an application, and a delegation to its agent."""
    groups = int(FieldGroup.RESTRAINT | FieldGroup.CONTACT)
    return [
        rows.subject(name),
        rows.subject_key(name),
        rows.restraint(f"case of {name}", of=name, number=name),
        rows.application(f"application of {name}", of=name),
        rows.delegation(f"delegation of {name}", of=name, delegate_ref=f"agent of {name}", groups=groups, powers=1),
    ]


def changed(table, name, column, **values):
    return update(table).where(table.c[column] == key(f"{column.removesuffix('_id')} of {name}")).values(**values)


def of_case(**values):
    return lambda name: changed(restraint_cases, name, "case_id", **values)


def of_application(**values):
    return lambda name: changed(applications, name, "application_id", **values)


def shredded(name):
    return delete(subject_keys).where(subject_keys.c.subject_id == key(name))


def delayed(name):
    return insert(entry_delays).values(**dict(rows.entry_delay(f"delay of {name}", of=name)[1]))


def of_delegation(**values):
    return lambda name: changed(delegations, name, "delegation_id", **values)


CHANGES = [
    # what happens between two pages, how, whether the next page is shown as the snapshot has it
    ("nothing", None, True),
    ("the case is handed over", of_case(department_code="D2"), True),
    ("its application is decided", of_application(decided_at=EARLIER), True),
    ("another subject is shredded", lambda _: shredded("somebody else"), True),
    ("another's case is marked", lambda _: of_case(confidential=True)("somebody else"), True),
    ("the subject is shredded", shredded, False),
    ("its case is marked confidential", of_case(confidential=True), False),
    ("its application is marked confidential", of_application(confidential=True), False),
    ("its investigation is delayed", delayed, False),
    ("its delegation is withdrawn", of_delegation(withdrawn_at=EARLIER), False),
    ("its delegation is contested", of_delegation(contested_at=EARLIER), False),
    ("its delegation is narrowed", of_delegation(groups=int(FieldGroup.CONTACT)), False),
]  # fmt: skip


@pytest.fixture(scope="module")
async def query_runner(shared_database: Database) -> SqlQueryRunner:
    made = [row for name, *_ in CHANGES for row in whole(name)]
    await put(
        shared_database, *made, *whole("somebody else"), *whole("consents"), rows.authorisation("given", "consents")
    )
    return SqlQueryRunner(shared_database)


@pytest.mark.parametrize(("name", "change", "is_shown"), CHANGES, ids=[name for name, *_ in CHANGES])
async def test_a_page_shows_the_snapshot_while_its_reader_may_read_it(
    shared_database, query_runner, name, change, is_shown
):
    prepared = [query_runner.prepare(QueryPlan((statement,))) for statement in (NUMBERS, NAME)]
    binds = {**ACTOR, "actor_ref": f"agent of {name}", OF: key(name)}
    async with query_runner.snapshot() as snapshot:
        before = [await query_runner.read(plan, binds, snapshot) for plan in prepared]
        assert before[0].rows == [[(name, key(name))]]
        assert before[1].rows[0][0][0] is not None
        if change is not None:
            await shared_database.write((change(name), None))
        for plan, shown in zip(prepared, before, strict=True):
            if is_shown:
                assert (await query_runner.read(plan, binds, snapshot)) == shown
            else:
                with pytest.raises(SnapshotOutdated):
                    await query_runner.read(plan, binds, snapshot)


async def test_an_authorisation_is_never_read_from_a_snapshot(shared_database, query_runner):
    """[4.1] Withdrawn between two pages, it shows nothing on the second."""
    on_consent = SelectPlan(
        Entity.SUBJECT,
        (Column("", "subject_id"),),
        consent=Purpose.CREDIT_CHECK,
        filters=(Filter("", "subject_id", "=", OF),),
    )
    plan = query_runner.prepare(QueryPlan((on_consent,)))
    binds = {**ACTOR, OF: key("consents")}
    async with query_runner.snapshot() as snapshot:
        assert (await query_runner.read(plan, binds, snapshot)).rows == [[(key("consents"),)]]
        given = authorisations.c.authorisation_id == key("given")
        await shared_database.write((update(authorisations).where(given).values(withdrawn_at=EARLIER), None))
        assert (await query_runner.read(plan, binds, snapshot)).rows == [[]]
