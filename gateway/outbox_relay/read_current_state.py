"""Opens a message just before it is sent: by a guarded GraphQL read, in the role of its recipient [5.1.6].

So the recipient's own row of `need.csv` decides which fields are sent, the access entry is durable before the payload
leaves, and the payload states the case as it is now, not as it was when the message was enqueued.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import orjson

from consent.vocabulary import Channel
from credit.corrections.correction import RecordItem
from gateway.outbox_relay.recipients import Recipient
from policy.decisions import WithheldReason
from queryplan.entities import Entity
from schema.core.global_ids import encode
from schema.core.ports import GraphQLRequest, Runtime
from schema.execution.service import GraphQLService
from storage.repositories.messages.outbox_queue import OutboxMessage

WITHHELD: Final = "WITHHELD"


@dataclass(frozen=True, slots=True)
class Opened:
    """A restraint as its recipient may see it now; None where none is in force (not any more, or not yet)."""

    case: Mapping[str, Any] | None = field(repr=False)
    at: datetime
    """The instant before the read: a later correction is not in it."""
    may_be_announced: bool = False
    """A determination that is not published yet may be announced, unless it is marked confidential [5.1.6]."""

    @property
    def items(self) -> frozenset[RecordItem]:
        """The items of basic information that it contains [5.1.3]."""
        case = self.case
        if case is None:
            return frozenset()
        subject = case.get("subject") or {}
        shown = {
            RecordItem.NAME: subject.get("name"),
            RecordItem.NUMBER: subject.get("identifier"),
            RecordItem.ADDRESS: subject.get("address"),
            RecordItem.FACTS: case.get("facts"),
            RecordItem.AUTHORITY: case.get("department"),
            RecordItem.BASIS: case.get("basis"),
            RecordItem.DETERMINED_ON: case.get("determinedOn"),
            RecordItem.VALIDITY: case.get("endsOn") or case.get("publishedOn"),
            RecordItem.LEGAL_DOCUMENT: case.get("legalDocument"),
        }
        return frozenset(item for item, value in shown.items() if value)


@dataclass(frozen=True, slots=True)
class NotOpened:
    """The service refused the read: *code* says why, and nothing is sent."""

    code: str


async def open_message(
    graphql_service: GraphQLService, message: OutboxMessage, recipient: Recipient, runtime: Runtime
) -> Opened | NotOpened:
    """Return what *recipient* may receive now."""
    at = runtime.now()
    subject_id, case_id = UUID(str(message.about["subject_id"])), UUID(str(message.about["case_id"]))
    graphql_request = GraphQLRequest(
        query=recipient.document,
        variables={"case": encode(Entity.RESTRAINT_CASE, subject_id, case_id)},
        actor=recipient.actor,
        request_id=runtime.new_id().hex,
        channel=Channel.DELIVERY,
    )
    answer = orjson.loads((await graphql_service.execute(graphql_request)).body)
    # Withheld fields are left out. Any other error means that there is no result: it must not look like an ended case.
    # A damaged value is no decision of the policy: without it the recipient would take the message for a whole one.
    broken = [facts["code"] for one in answer.get("errors", ()) if not _is_withheld(facts := one["extensions"])]
    if broken or answer.get("data") is None:
        return NotOpened(str(broken[0] if broken else "NO_ANSWER")[:32])
    return Opened(answer["data"]["node"], at)


def _is_withheld(facts: Mapping[str, object]) -> bool:
    """Return whether an error says that the policy does not show a field."""
    return facts["code"] == WITHHELD and facts["reason"] != WithheldReason.DAMAGED
