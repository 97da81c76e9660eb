"""The uses that an authorisation counts against those that the access record has [5.1.6].

Each use is one record that names the authorisation: of a read, of a credit check's question, of a consultation. Where a
lawful delay covers a part of an answer there are two records, of which the delayed one counts no use of its own. The
records of an erased subject name it no more, so that its uses are not compared.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, bindparam, or_, select
from sqlalchemy.engine import Dialect

from consent.disclosures.stored_parts import decode_parts
from storage.database.column_types import Ids
from storage.database.session import Session
from storage.ledger.attestation.attested_rows import USES_BEFORE, attestations
from storage.ledger.audit.findings import Contradiction, ContradictionCode
from storage.ledger.audit.folds.records import keys_of
from storage.ledger.recomputed_entries import UNREADABLE, Key
from storage.tables import (
    access_entries,
    authorisations,
    disclosed_subjects,
    disclosures,
    erasures,
    unindexed_disclosures,
)

Use = tuple[UUID, UUID]
"""A subject, and its authorisation."""


async def contradicted_uses(
    session: Session, dialect: Dialect, after: Key | None, limit: int
) -> tuple[list[Contradiction], Key | None]:
    """Compare the counts of the next *limit* authorisations; return where to go on, None at the end."""
    keys = await keys_of(session, authorisations, "authorisation_id", after, limit)
    return await contradicted_among(session, dialect, keys), keys[-1] if len(keys) == limit else None


async def contradicted_among(session: Session, dialect: Dialect, keys: Sequence[Key]) -> list[Contradiction]:
    """Compare the counts of these authorisations, given by subject and id."""
    before = await uses_before(session, dialect, keys)
    attested = await attestations(session, authorisations, keys)
    return [
        Contradiction(ContradictionCode.USES_DIFFER, "authorisations", key[1], key[0], columns=("uses_made",))
        for key, number in before.items()
        if number != (attested[key].state.get(USES_BEFORE) if key in attested else 0)
    ]


async def uses_before(session: Session, dialect: Dialect, keys: Sequence[Key]) -> dict[Key, int]:
    """Return of these authorisations, given by subject and id, how many uses more they count than were recorded.

    Those of erased subjects are left out.
    """
    table = authorisations.c
    subjects = sorted({key[0] for key in keys})
    rows = await session.fetch(
        select(table.subject_id, table.authorisation_id, table.uses_made).where(table.subject_id.in_(subjects))
    )
    counted = {(row[0], row[1]): row[2] for row in rows}
    recorded = await uses_of(session, dialect, subjects)
    erased = {
        row[0] for row in await session.fetch(select(erasures.c.subject_id).where(erasures.c.subject_id.in_(subjects)))
    }
    return {key: counted.get((key[0], key[1]), 0) - recorded[key[0], key[1]] for key in keys if key[0] not in erased}


async def uses_of(session: Session, dialect: Dialect, subjects: Collection[UUID]) -> Counter[Use]:
    """Return how often each authorisation of *subjects* was used, by the access record."""
    found: Counter[Use] = Counter()
    if not subjects:
        return found
    table = disclosures.c
    wanted = select(table.subjects, table.parts).where(
        _of_subjects(dialect, sorted(subjects)), table.parts.is_not(None), table.delay_id.is_(None)
    )
    given = {} if dialect.name == "sqlite" else {"those": sorted(subjects)}
    for of, parts in await session.fetch(wanted, given):
        found.update(_uses(of, bytes(parts)))
    found.update(await _before(session, subjects))
    return found


def _of_subjects(dialect: Dialect, subjects: Sequence[UUID]) -> ColumnElement[bool]:
    table = disclosures.c
    if dialect.name != "sqlite":
        return table.subjects.op("&&")(bindparam("those", type_=Ids()))
    indexed = select(disclosed_subjects.c.disclosure_id).where(disclosed_subjects.c.subject_id.in_(subjects))
    return or_(table.disclosure_id.in_(indexed), table.disclosure_id.in_(select(unindexed_disclosures.c.disclosure_id)))


def _uses(subjects: Sequence[UUID], parts: bytes) -> set[Use]:
    """Return the uses of one record: none where its row is damaged, which another finding names."""
    try:
        decoded: Sequence[Any] = decode_parts(None, parts, len(subjects))
    except UNREADABLE:
        return set()
    return {
        (subject_id, used)
        for subject_id, part in zip(subjects, decoded, strict=True)
        for _, used in part
        if used is not None
    }


async def _before(session: Session, subjects: Collection[UUID]) -> Counter[Use]:
    """Return the uses of reads from before revision 25."""
    table = access_entries.c
    wanted = select(table.subject_id, table.authorisation_id, table.read_id).where(
        table.subject_id.in_(sorted(subjects)), table.authorisation_id.is_not(None)
    )
    return Counter((subject_id, used) for subject_id, used, _ in await session.fetch(wanted.distinct()))
