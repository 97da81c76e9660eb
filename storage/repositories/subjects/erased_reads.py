"""What stays of the reads of before revision 25 once their subject was erased: a row each, with its own entry."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import bindparam, insert, select, update

from consent.leaves.access_entries import erased_access_entry_bytes
from consent.leaves.canonical_form import NOBODY, SALT_BYTES, commitment
from storage.database.session import Session
from storage.repositories.ledger_leaves import append_entry
from storage.repositories.rows import named
from storage.tables import erased_access_entries

KEPT: Final = ("entry_id", "at", "actor_ref", "role", "department_code", "purpose")
"""The columns of a read that stay."""
_TABLE: Final = erased_access_entries.c


async def keep_erased_reads(
    session: Session, reads: Sequence[Mapping[str, Any]], random: Callable[[int], bytes]
) -> None:
    """Keep these reads, given by the columns of `KEPT`, each with its entry."""
    if reads:
        await session.execute(
            insert(erased_access_entries), [dict(each) | _entered(session, each, random) for each in reads]
        )


async def reads_without_entry(session: Session, after: UUID | None, limit: int) -> Sequence[Mapping[str, Any]]:
    """Return the next rows from before revision 41, which have no entry of their own, in the order of their ids."""
    wanted = select(*(_TABLE[name] for name in KEPT)).where(_TABLE.stub_id.is_(None))
    if after is not None:
        wanted = wanted.where(_TABLE.entry_id > after)
    return named(KEPT, await session.fetch(wanted.order_by(_TABLE.entry_id).limit(limit)))


async def enter_erased_reads(
    session: Session, reads: Sequence[Mapping[str, Any]], random: Callable[[int], bytes]
) -> None:
    """Give these rows, which have none, their entries."""
    if reads:
        await session.execute(
            _ENTER, [{"own_id": each["entry_id"]} | _entered(session, each, random, "new_") for each in reads]
        )


def _entered(
    session: Session, read: Mapping[str, Any], random: Callable[[int], bytes], prefix: str = ""
) -> dict[str, object]:
    """Append the entry of a row, and return the columns that name it."""
    salt = random(SALT_BYTES)
    committed = commitment(salt, erased_access_entry_bytes(**read))
    stub_id = UUID(bytes=committed[:16])
    append_entry(session, "access", stub_id, NOBODY + committed)
    return {f"{prefix}stub_id": stub_id, f"{prefix}salt": salt}


_ENTER: Final = (
    update(erased_access_entries)
    .where(_TABLE.entry_id == bindparam("own_id", type_=_TABLE.entry_id.type), _TABLE.stub_id.is_(None))
    .values({name: bindparam(f"new_{name}", type_=_TABLE[name].type) for name in ("stub_id", "salt")})
)
