"""Rows of releases that kept no acts are taken over once: in steps that can be stopped, and never again [5.1.6]."""

from pathlib import Path

import pytest
from sqlalchemy import insert

from consent.ledger.system_entries import AttestationClosed, RowsAttested
from gateway.ledger.audit.attester import AttestationOver, Attester
from gateway.ledger.audit.run import findings_of
from gateway.runtime import runtime
from policy.crypto.keyring import Keyring
from storage.database.database import Database
from storage.ledger.attestation.closing import close_before_anybody, closings
from storage.ledger.audit.findings import ContradictionCode
from storage.ledger.system_entries import stated
from storage.tables import erased_access_entries
from storage.unit_of_work import SqlUnitOfWork
from tests.builders import NOW
from tests.storage.rows import application, authorisation, key, put, restraint, subject

OLD = [
    subject("old"),
    subject("older"),
    restraint("case", of="old"),
    application("application", of="older"),
    authorisation("authorisation", of="old"),
]
STUBS = erased_access_entries
STUB = {"at": NOW, "actor_ref": "staff-1", "role": "clerk", "department_code": "D1", "purpose": "CREDIT_CHECK"}


async def erase_reads(database: Database, *names: str) -> None:
    """Leave what a release before revision 41 left of reads whose subject it erased; one stub is of no read."""
    async with SqlUnitOfWork(database) as work:
        for name in names:
            await work.pend("access", key(name), bytes(32))
        await work.session.execute(
            insert(STUBS), [STUB | {"entry_id": key(name)} for name in (*names, f"none with {names[0]}")]
        )
        await work.commit()


class Stopped(Exception):
    """The process ends in the middle."""


def attester(database: Database, actor_ref: str = "operator/head-1") -> Attester:
    return Attester(database, runtime(lambda: NOW), actor_ref, limit=2)


async def contradictions(database: Database, keyring: Keyring) -> set[tuple[ContradictionCode, str]]:
    found = [one async for one in findings_of(database, keyring)]
    return {(one.code, one.table) for one in found if one.code is not ContradictionCode.SEAL_BROKEN}


async def test_the_take_over_goes_on_where_it_was_stopped_and_happens_once(
    database: Database, kek: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keyring = Keyring.load(kek, bytes)
    await put(database, *OLD)
    await erase_reads(database, "read", "another")
    added = {(ContradictionCode.STATE_ADDED, row[0].name) for row in OLD}
    assert {*added, (ContradictionCode.ROW_DELETED, "ledger_entries")} <= await contradictions(database, keyring)
    there = {"subjects": 2, "restraint_cases": 1, "applications": 1, "authorisations": 1, STUBS.name: 2}
    assert await attester(database).count() == there

    async def stop(*_: object) -> None:
        raise Stopped

    with monkeypatch.context() as patched:
        patched.setattr(Attester, "_close", stop)
        with pytest.raises(Stopped):
            await attester(database).run()
    assert await attester(database).count() == {STUBS.name: 2}
    assert await attester(database).run() == there
    left = await contradictions(database, keyring)
    named = {ContradictionCode.STATE_ADDED, ContradictionCode.ATTESTED_DIFFER, ContradictionCode.ROW_DELETED}
    assert not {code for code, _ in left} & named
    async with database.snapshot() as session:
        assert {each.name: each.rows for each in await stated(session, RowsAttested)} == there

    await erase_reads(database, "later")
    assert (ContradictionCode.ROW_DELETED, "ledger_entries") in await contradictions(database, keyring)
    table, row = restraint("later", of="old")
    await database.write((insert(table), row))
    assert (ContradictionCode.STATE_ADDED, "restraint_cases") in await contradictions(database, keyring)
    for again in (attester(database).count, attester(database).run):
        with pytest.raises(AttestationOver):
            await again()


async def test_a_database_with_nobody_on_record_is_closed_at_once(database: Database) -> None:
    for _ in range(2):
        async with SqlUnitOfWork(database) as work:
            await close_before_anybody(work.session, NOW)
            await work.commit()
    async with database.snapshot() as session:
        (closed,) = await closings(session)
    assert isinstance(closed, AttestationClosed)
    assert closed.rows == 0
    with pytest.raises(AttestationOver):
        await attester(database).run()


async def test_one_with_somebody_stays_open(database: Database) -> None:
    await put(database, *OLD[:1])
    async with SqlUnitOfWork(database) as work:
        await close_before_anybody(work.session, NOW)
        await work.commit()
    async with database.snapshot() as session:
        assert await closings(session) == []
