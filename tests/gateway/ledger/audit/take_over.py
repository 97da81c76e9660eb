"""Rows without acts that an operator takes over, in a district whose other rows all have theirs [5.1.6].

Everything happens in a transaction that is rolled back (`attacks.attacked`).
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import pytest
from sqlalchemy import text

from consent.ledger.system_entries import AttestationClosed
from credit.core.errors import RecordContradictsLedger
from gateway.demo.seed.well_known_ids import MYSELF
from gateway.ledger.audit.run import all_walks
from storage.database.session import Session
from storage.ledger.attestation.closing import AttestedTree
from storage.ledger.audit.findings import ContradictionCode
from storage.ledger.audit.folds import records
from storage.ledger.audit.folds.kinds import KINDS
from storage.ledger.on_the_spot import LedgerComparer
from storage.ledger.system_entries import state
from storage.repositories.ledger_leaves import LedgerSession
from tests.builders import NOW
from tests.builders.taken_over import PROVENANCE, take_over_in
from tests.gateway.demo.districts import District
from tests.gateway.ledger.attacks import IDS, NEW, attacked, copy, delete, statement, update

CODE = ContradictionCode
THE_NEW = UUID(IDS["new"])
UNTOLD = [
    copy("restraint_cases", "case_id = '{case}'", case_id=NEW, number="'X'", number_key="'X'"),
    copy("authorisations", "authorisation_id = '{live}'", authorisation_id=NEW, uses_made="1"),
    copy("applications", application_id=NEW, number="'X'", number_key="'X'"),
    copy("delegations", "contested_at IS NULL", delegation_id=NEW),
]
"""Rows as a release left them that kept no acts."""
AFTERWARDS = [
    ("a restraint is unpublished", "records restraint_cases", CODE.STATE_DIFFERS, "restraint_cases",
     "UPDATE restraint_cases SET published_on = NULL WHERE case_id = '{new}'"),
    ("a case is deleted", "attested", CODE.STATE_DELETED, "restraint_cases",
     "DELETE FROM restraint_cases WHERE case_id = '{new}'"),
    ("an authorisation lasts longer", "records authorisations", CODE.STATE_DIFFERS, "authorisations",
     "UPDATE authorisations SET expires_on = {later} WHERE authorisation_id = '{new}'"),
    ("uses are given back", "uses", CODE.USES_DIFFER, "authorisations",
     "UPDATE authorisations SET uses_made = 0 WHERE authorisation_id = '{new}'"),
    ("a delegate may do more", "records delegations", CODE.STATE_DIFFERS, "delegations",
     "UPDATE delegations SET powers = powers + 16 WHERE delegation_id = '{new}'"),
    ("what was taken over is changed", "entries waiting consent", CODE.ROW_CHANGED, "attested_rows",
     update("attested_rows", "acts = '[1]'", "record = 'restraint_cases'")),
    ("what was taken over is forgotten", "entries waiting consent", CODE.ROW_DELETED, "ledger_entries",
     delete("attested_rows", "record = 'restraint_cases'")),
    ("a row is taken over by plain SQL", "rows attested_rows", CODE.ROW_ADDED, "attested_rows",
     copy("attested_rows", attestation_id=NEW, record="'subjects'")),
    ("a row without acts appears later", "records restraint_cases", CODE.STATE_ADDED, "restraint_cases",
     copy("restraint_cases", "case_id = '{case}'", case_id="'{newer}'", number="'Y'", number_key="'Y'")),
]  # fmt: skip


@asynccontextmanager
async def undone(session: Session) -> AsyncIterator[None]:
    """Undo what is done meanwhile."""
    await session.execute(text("SAVEPOINT before"))
    yield
    await session.execute(text("ROLLBACK TO SAVEPOINT before"))


WALKS = ("records", "told", "uses", "rows attested_rows", "entries waiting consent", "attested")


async def codes(district: District, session: Session, *names: str) -> set[tuple[ContradictionCode, str]]:
    """Give what these walks of the audit find, by code and table."""
    found: set[tuple[ContradictionCode, str]] = set()
    for walk in all_walks(district.database, district.keyring):
        if walk.name.startswith(names or WALKS):
            findings, end = await walk.page(session, None, 1_000)
            assert end is None
            found |= {(one.code, one.table) for one in findings}
    return found


async def take_over(district: District, session: Session) -> None:
    """Take over what nobody began, as the command does, in the transaction of *session*."""
    ledger = LedgerSession(session, district.keyring.pending_tag, PROVENANCE)
    await take_over_in(ledger, district.database)
    await ledger.write_entries()


async def close(district: District, session: Session, about: str = "") -> None:
    """State that the take-over is over."""
    tree = AttestedTree()
    await tree.go_on(session, 1_000)
    ledger = LedgerSession(session, district.keyring.pending_tag)
    await state(ledger, AttestationClosed(NOW, tree.edge.size, tree.edge.root), about)
    await ledger.write_entries()


async def check_what_is_taken_over(district: District) -> None:
    """What was taken over is compared from then on, on the spot too, and nothing is taken over afterwards."""
    async with attacked(district, *UNTOLD) as session:
        # The district was closed when nobody was on record; here it has no closing entry yet.
        await session.execute(text("DELETE FROM pending_entries WHERE log = 'system'"))
        before = await codes(district, session)
        assert {code for code, _ in before} == {CODE.STATE_ADDED, CODE.USES_DIFFER}
        assert {table for _, table in before} >= {"restraint_cases", "authorisations", "applications", "delegations"}
        await take_over(district, session)
        await close(district, session)
        assert await codes(district, session) == set()
        spot = LedgerComparer(session, district.keyring.pending_tag)
        await spot.require_cases(MYSELF.subject_id)
        await spot.require_authorisation(MYSELF.subject_id, THE_NEW)
        for name, walk, code, table, attack in AFTERWARDS:
            async with undone(session):
                await session.execute(text(statement(attack, district)))
                assert (code, table) in await codes(district, session, walk), name
                if table in {"restraint_cases", "ledger_entries"}:
                    with pytest.raises(RecordContradictsLedger):
                        await spot.require_cases(MYSELF.subject_id)
        async with undone(session):  # also where who has the keys does it as the command would
            await session.execute(text(statement(AFTERWARDS[-1][-1], district)))
            await take_over(district, session)
            assert await codes(district, session, "records restraint_cases", "attested") == {
                (CODE.ATTESTED_DIFFER, "attested_rows")
            }
            await close(district, session, "again")
            assert await codes(district, session, "records restraint_cases", "attested") == {
                (CODE.ATTESTED_DIFFER, "attested_rows")
            }


async def check_acts_after_it(district: District) -> None:
    """The acts after any moment give the same columns from what was attested then as all acts give."""
    compared = 0
    async with district.database.snapshot() as session:
        for kind in KINDS:
            keys = [(key[0], key[1]) for key in await records.keys_of(session, kind.table, kind.key, None, 300)]
            names = (*kind.plain, *kind.with_sealed)
            rows, _ = await records._rows(session, kind.table, names, ("subject_id", kind.key), keys)
            told = [(await records._history(session, history, rows))[0] for history in kind.histories]
            for row in rows:
                links = [(row["subject_id"], row[history.link]) for history in kind.histories]
                acts = [act for by_link, link in zip(told, links, strict=True) for act in by_link.get(link, ())]
                acts.sort(key=lambda act: act["at"])
                stored = kind.stored(row)
                whole = kind.expected(row, acts, {})
                for at in range(1, len(acts)):
                    if acts[at - 1]["at"] == acts[at]["at"]:
                        continue
                    then = kind.expected(row, acts[:at], {})
                    if not then or set(then) != set(whole):
                        continue  # it began later, or is left open by an act
                    attested = {name: value for name, value in {**stored, **then}.items() if name not in kind.unsaid}
                    since = kind.expected(row, acts[at:], attested)
                    bound = {name: value for name, value in whole.items() if name not in kind.unsaid}
                    assert {name: since[name] for name in bound} == bound, (
                        kind.table.name,
                        acts[at]["step" if "step" in acts[at] else "event"],
                    )
                    compared += 1
    assert compared > 100
