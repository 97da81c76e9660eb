"""Receipts of the caller's own records in the ledger, in GraphQL. `consent.receipts` has the format and the check."""

from collections.abc import Sequence
from typing import cast
from uuid import UUID

import strawberry

from consent.vocabulary import Purpose
from policy.actors import Role
from queryplan.entities import Entity
from schema.core.context import Info, RequestContext
from schema.core.global_ids import decode
from schema.core.ports import IssuedReceipt

OWN = frozenset({Role.SUBJECT, Role.AGENT})
_SHOWN = "query Receipts($id: ID!) { node(id: $id) { id ... on AccessEntry { at } ... on Authorisation { purpose } } }"


@strawberry.type(
    description="回执：the record of one consent event or one read of the caller's data, with the proof that the "
    "ledger has it. It is verified without this gateway, at `/verify-receipt` or by `chengxin receipt verify` [5.1.6]."
)
class Receipt:
    record_id: str = strawberry.field(description="The id of the record.")
    log: str = strawberry.field(description="The log that has it: consent, or access.")
    leaf_index: int = strawberry.field(description="Its place in the log.")
    document: str = strawberry.field(
        description="The receipt itself, a JSON text that is kept as it is: `docs/receipts.md` describes it. It has "
        "who, when, for which purpose, by which right, which fields, in the words of ISO/IEC TS 27560."
    )


@strawberry.type
class ReceiptQuery:
    """The root of this topic."""

    @strawberry.field(
        description="The receipts of a record of the caller's own: one of an `AccessEntry`, one for each event of an "
        "`Authorisation`; for a delegate, of its principal's as far as it sees the record. None for anybody else, and "
        "none in the seconds before the ledger has published the record [5.1.6] [PIPL 45]."
    )
    async def receipts(self, info: Info, id: strawberry.ID) -> list[Receipt]:
        return [
            Receipt(record_id=it.record_id, log=it.log, leaf_index=it.leaf_index, document=it.document.decode())
            for it in await _issued(info.context, str(id))
        ]


async def _issued(context: RequestContext, id_: str) -> Sequence[IssuedReceipt]:
    named = decode(id_)
    if context.actor.role not in OWN or context.purpose is not Purpose.SELF_ACCESS:
        return ()
    if named.entity not in {Entity.ACCESS_ENTRY, Entity.AUTHORISATION}:
        return ()
    # Nothing is decided here: the caller sees the record by the rows and rules of any query, and that is recorded.
    shown = await context.ask(_SHOWN, {"id": id_})
    if not (shown.get("data") or {}).get("node"):
        return ()
    subject_id, record_id = cast("tuple[UUID, UUID]", named.keys)
    if named.entity is Entity.ACCESS_ENTRY:
        return await context.receipts.of_read(subject_id, record_id)
    return await context.receipts.of_authorisation(subject_id, record_id)
