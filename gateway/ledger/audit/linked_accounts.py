"""Links of accounts against the registrations that made them, which commit to the account by a keyed digest.

Registrations of before this digest was kept have none: which account they linked, nothing says.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from consent.leaves.provenance import CONTENT
from credit.subjects.registration_record import RegistrationChannel
from gateway.account_links.find_subject import account_digest, account_place
from policy.crypto.field_encryption import SealBroken
from policy.crypto.keyring import Keyring
from storage.database.session import Session
from storage.ledger.audit.findings import Contradiction, ContradictionCode
from storage.ledger.audit.walks import AuditWalk, Position
from storage.ledger.recomputed_entries import UNREADABLE
from storage.tables import account_links, registrations, subject_keys

Made = Mapping[tuple[UUID, datetime], Sequence[tuple[UUID, bytes]]]
"""By subject and instant: the registrations that linked an account, each with its digest."""


def linked_accounts(keyring: Keyring) -> AuditWalk:
    """Return the walk over the links, in the order of the accounts' hashes."""

    async def page(
        session: Session, position: Position | None, limit: int
    ) -> tuple[list[Contradiction], Position | None]:
        link, key = account_links.c, subject_keys.c
        wanted = select(link.account, link.subject_id, link.linked_at, key.wrapped).order_by(link.account).limit(limit)
        wanted = wanted.join(subject_keys, key.subject_id == link.subject_id, isouter=True)
        if position is not None:
            wanted = wanted.where(link.account > bytes.fromhex(position[0]))
        rows = await session.fetch(wanted)
        made = await _made(session, {row[1] for row in rows})
        findings = []
        for account, subject_id, linked_at, wrapped in rows:
            known = made.get((subject_id, linked_at), ())
            if wrapped is not None and known and not _is_linked(keyring, bytes(account), subject_id, wrapped, known):
                code = ContradictionCode.CONTENT_DIFFERS
                findings.append(Contradiction(code, account_links.name, None, subject_id, columns=("account",)))
        return findings, [bytes(rows[-1][0]).hex()] if len(rows) == limit else None

    return AuditWalk("sealed account_links", page)


def _is_linked(
    keyring: Keyring, account: bytes, subject_id: UUID, wrapped: bytes, known: Sequence[tuple[UUID, bytes]]
) -> bool:
    """Return whether one of the registrations linked this account; True for a key that opens nothing, named there."""
    try:
        return any(
            account_digest(keyring, account, account_place(subject_id, registration_id), bytes(wrapped)) == digest
            for registration_id, digest in known
        )
    except SealBroken:
        return True


async def _made(session: Session, subject_ids: Collection[UUID]) -> Made:
    row, found = registrations.c, dict[tuple[UUID, datetime], list[tuple[UUID, bytes]]]()
    named = account_place(UUID(int=0), UUID(int=0))
    wanted = select(row.subject_id, row.at, row[CONTENT]).where(
        row.subject_id.in_(sorted(subject_ids)), row.channel == RegistrationChannel.ACCOUNT.value
    )
    try:
        for subject_id, at, content in await session.fetch(wanted):
            for place, row_id, digest in content or ():
                if place == f"{named.table}.{named.column}":
                    found.setdefault((subject_id, at), []).append((UUID(row_id), bytes.fromhex(digest)))
    except UNREADABLE:  # the row is named where it is compared with its entry
        return {}
    return found
