"""The erasure of a subject: what goes, what stays without it, and what is counted as erased [PIPL 47] [5.1.6].

    goes    the key, and with it everything sealed; the secret; number, search terms, links of accounts, names, masks;
            its two trees and their blocks; its id, part and salt in every record of access; reads of before revision 25
    stays   what the authority did, by the id alone: cases, applications, steps, documents by number, authorisations,
            without a name and without content; who read what and when, of whom no longer

Records of access keep every hash, so all other subjects' proofs verify as before
[consent/disclosures/stored_sub_leaves.py].
Dead rows, the log of the database and its backups hold what was there until they expire.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Table, bindparam, delete, exists, insert, or_, select, update
from sqlalchemy.engine import Dialect

from consent.disclosures.stored_sub_leaves import ERASED, DisclosureColumns
from consent.ports import LOG_CODES
from credit.cases.status import UnrectifiedPolicy
from storage.database.conflicts import insert_once
from storage.database.session import Session
from storage.queries.conditions.counted_entries import counts_one
from storage.queries.conditions.of_one_subject import SUBJECT, is_of_subject
from storage.queries.conditions.row_conditions import unfinished_application, unfinished_case
from storage.repositories.rows import SqlRepository, named
from storage.repositories.subjects.erased_reads import KEPT, keep_erased_reads
from storage.tables import (
    access_entries,
    access_grounds,
    account_links,
    applications,
    disclosed_subjects,
    disclosures,
    erasures,
    identifier_terms,
    identifiers,
    ledger_entries,
    ledger_folds,
    restraint_cases,
    subject_blocks,
    subject_heads,
    subject_keys,
    subject_secrets,
    subjects,
)

NOBODY: Final = UUID(bytes=ERASED)
ROWS_AT_ONCE: Final = 500
_COLUMNS: Final = [
    disclosures.c[name] for name in ("disclosure_id", "subjects", "ground_id", "parts", "seed", "opened")
]


@dataclass(frozen=True, slots=True)
class Counts:
    """How many entries of each log."""

    consent: int = 0
    access: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(self.consent + other.consent, self.access + other.access)


@dataclass(frozen=True, slots=True)
class Erasure:
    """What is kept of an erasure: who ordered it, why, on what papers, and under which label the subject stood last."""

    subject_id: UUID
    erased_at: datetime
    actor_ref: str
    reason: str
    evidence: str
    epoch: int
    label: bytes


class ErasureRepository(SqlRepository):
    """Everything that is about one subject, in one transaction."""

    def __init__(self, session: Session, dialect: Dialect, random: Callable[[int], bytes]) -> None:
        super().__init__(session)
        self._dialect, self._random = dialect, random

    async def open_matters(self, subject_id: UUID, today: date, unrectified: UnrectifiedPolicy) -> Sequence[str]:
        """Return what is still open or in force of the subject, as names of tables: while there is any, it stays."""
        found = []
        for table, rule in ((restraint_cases, unfinished_case), (applications, unfinished_application)):
            there = exists().where(table.c.subject_id == subject_id, rule(table, unrectified))
            if (await self._session.fetch(select(there), {"today": today}))[0][0]:
                found.append(table.name)
        return found

    async def is_known(self, subject_id: UUID) -> bool:
        """Return whether the subject is on record, or has entries though it is not, and was not erased."""
        there = [
            exists().where(subjects.c.subject_id == subject_id),
            exists().where(subject_heads.c.subject_id == subject_id),
        ]
        ((known,),) = await self._session.fetch(select(or_(*there)))
        return bool(known) and await self.find(subject_id) is None

    async def wrapped_key(self, subject_id: UUID) -> bytes | None:
        """Return the wrapped key of the subject."""
        rows = await self._session.fetch(select(subject_keys.c.wrapped).where(subject_keys.c.subject_id == subject_id))
        return bytes(rows[0][0]) if rows else None

    async def begin(self) -> None:
        """Stop the folds of both logs until this transaction ends; one that is under way begins again after it."""
        folds = ledger_folds
        zeros = dict.fromkeys(("position", "stated", "erased", "lost", "unfound", "revision"), 0)
        for log in (LOG_CODES["consent"], LOG_CODES["access"]):
            await self._session.execute(insert_once(folds), [{"log": log, **zeros}])
            await self._session.execute(update(folds).where(folds.c.log == log).values(revision=folds.c.revision + 1))

    async def take_out(self, subject_id: UUID) -> Counts:
        """Take the subject out of its trees, its records of access and its entries; return what is erased by it.

        What the trees have is counted as erased at once, and everything else when its entry is folded.
        """
        of_trees = await self._remove_trees(subject_id)
        records = await self._disown_disclosures(subject_id) + await self._stub_old_entries(subject_id)
        owned = ledger_entries.c.log == LOG_CODES["consent"], ledger_entries.c.owner == subject_id
        position = select(ledger_folds.c.position).where(ledger_folds.c.log == LOG_CODES["consent"]).scalar_subquery()
        there = ledger_entries.c.leaf_index >= position, counts_one(ledger_entries.c.leaf)
        waiting = select(ledger_entries.c.leaf_index).where(*owned, *there)
        unfolded = len(await self._session.fetch(waiting))
        await self._session.execute(update(ledger_entries).where(*owned).values(owner=NOBODY))
        # A record of access has one entry that counts, whether that is folded, waits, or will follow a delay.
        return Counts(of_trees.consent + unfolded, max(of_trees.access, records))

    async def shred(self, subject_id: UUID) -> None:
        """Delete the key, and whatever leads to the person."""
        for table in (subject_secrets, subject_keys, identifiers, identifier_terms, account_links):
            await self._session.execute(delete(table).where(table.c.subject_id == subject_id))
        names = [f"{item}_{part}" for item in ("name", "phone", "address") for part in ("sealed", "mask")]
        await self._session.execute(
            update(subjects).where(subjects.c.subject_id == subject_id).values(dict.fromkeys(names))
        )

    async def note(self, erasure: Erasure, counts: Counts) -> None:
        """Keep that the subject was erased."""
        row = {name: getattr(erasure, name) for name in Erasure.__slots__}
        await self._session.execute(insert(erasures), row | _counted(counts))

    async def find(self, subject_id: UUID) -> tuple[Erasure, Counts] | None:
        """Return the erasure of a subject, and what is erased by it."""
        columns = [erasures.c[name] for name in (*Erasure.__slots__, "consent_count", "access_count")]
        rows = await self._session.fetch(select(*columns).where(erasures.c.subject_id == subject_id))
        return (Erasure(*rows[0][:-2]), Counts(*rows[0][-2:])) if rows else None

    async def note_again(self, subject_id: UUID, counts: Counts, at: datetime) -> None:
        """Keep that reads which overtook the erasure were looked for, and what is erased by it now."""
        changed = {"looked_again_at": at, **_counted(counts)}
        await self._session.execute(update(erasures).where(erasures.c.subject_id == subject_id).values(changed))

    async def to_look_again(self, erased_before: datetime) -> Sequence[UUID]:
        """Return erased subjects that got a tree again, or were not looked at again since their erasure."""
        again = select(erasures.c.subject_id).where(
            (erasures.c.looked_again_at.is_(None) & (erasures.c.erased_at <= erased_before))
            | exists().where(subject_heads.c.subject_id == erasures.c.subject_id)
        )
        return [row[0] for row in await self._session.fetch(again)]

    async def _remove_trees(self, subject_id: UUID) -> Counts:
        head = subject_heads.c
        rows = await self._session.fetch(
            select(head.consent_count, head.access_count).where(head.subject_id == subject_id)
        )
        counts = Counts(*rows[0]) if rows else Counts()
        for table in (subject_heads, subject_blocks):
            await self._session.execute(delete(table).where(table.c.subject_id == subject_id))
        for log, count in ((LOG_CODES["consent"], counts.consent), (LOG_CODES["access"], counts.access)):
            folds = ledger_folds
            await self._session.execute(update(folds).where(folds.c.log == log).values(erased=folds.c.erased + count))
        return counts

    async def _disown_disclosures(self, subject_id: UUID) -> int:
        """Take the subject out of every record of access, and return of how many."""
        wanted = select(*_COLUMNS).where(is_of_subject(self._dialect))
        rows = await self._session.fetch(wanted, {SUBJECT: subject_id})
        grounds = await self._session.fetch(select(access_grounds.c.ground_id, access_grounds.c.digest))
        digests = {ground_id: bytes(digest) for ground_id, digest in grounds}
        changed = [_without(subject_id, digests, *row) for row in rows]
        for start in range(0, len(changed), ROWS_AT_ONCE):
            await self._session.execute(_DISOWN, changed[start : start + ROWS_AT_ONCE])
        await self._delete_own(disclosed_subjects, subject_id)
        return len(rows)

    async def _stub_old_entries(self, subject_id: UUID) -> int:
        columns = [access_entries.c[name] for name in KEPT]
        found = await self._session.fetch(select(*columns).where(access_entries.c.subject_id == subject_id))
        if found:
            await keep_erased_reads(self._session, named(KEPT, found), self._random)
            await self._delete_own(access_entries, subject_id)
        return len(found)

    async def _delete_own(self, table: Table, subject_id: UUID) -> None:
        await self._session.execute(delete(table).where(table.c.subject_id == subject_id))


def _counted(counts: Counts) -> dict[str, int]:
    return {"consent_count": counts.consent, "access_count": counts.access}


_DISOWN: Final = (
    update(disclosures)
    .where(disclosures.c.disclosure_id == bindparam("key", type_=disclosures.c.disclosure_id.type))
    .values(
        {name: bindparam(f"new_{name}", type_=disclosures.c[name].type) for name in ("subjects", "parts", "opened")}
        | {"ground_id": None, "seed": None}
    )
)


def _without(
    subject_id: UUID,
    digests: dict[int, bytes],
    disclosure_id: UUID,
    subject_ids: Sequence[UUID],
    *columns: Any,  # noqa: ANN401 - of the row
) -> dict[str, object]:
    stored = DisclosureColumns([each.bytes for each in subject_ids], *columns).without(subject_id.bytes, digests)
    return {
        "key": disclosure_id,
        "new_subjects": [UUID(bytes=each) for each in stored.subjects],
        "new_parts": stored.parts,
        "new_opened": stored.opened,
    }
