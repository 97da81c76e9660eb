"""Opens a message, only when it is about to leave: by the guarded road, in the role of who gets it [5.1.6].

So the recipient's own row of `need.csv` decides what goes, the access entry is durable before it leaves, and what is
said is how things stand now, not when the message was left.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import orjson

from credit.corrections.correction import RecordItem
from gateway.outbox_relay.recipients import Recipient
from queryplan.entities import Entity
from schema.core.global_ids import encode
from schema.core.ports import GraphQLRequest, Runtime
from schema.execution.service import GraphQLService
from storage.repositories.messages.outbox_queue import OutboxMessage

WITHHELD: Final = "WITHHELD"


@dataclass(frozen=True, slots=True)
class Opened:
    """A restraint as its recipient may see it now; None where nothing is in force any more, or not yet."""

    case: Mapping[str, Any] | None = field(repr=False)
    at: datetime
    """Before it was opened: whatever is mended later is not in it."""
    may_be_announced: bool = False
    """Of a determination that is not published yet: it stands, and is not marked confidential [5.1.6]."""

    @property
    def items(self) -> frozenset[RecordItem]:
        """Which items of basic information are in it [5.1.3]."""
        case = self.case
        if case is None:
            return frozenset()
        subject = case.get("subject") or {}
        said = {
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
        return frozenset(item for item, value in said.items() if value)


@dataclass(frozen=True, slots=True)
class NotOpened:
    """The counter did not answer: the code says why, and nothing leaves."""

    code: str


async def open_message(
    graphql_service: GraphQLService, message: OutboxMessage, recipient: Recipient, runtime: Runtime
) -> Opened | NotOpened:
    """Return what *recipient* is to be told now."""
    at = runtime.now()
    subject_id, case_id = UUID(str(message.about["subject_id"])), UUID(str(message.about["case_id"]))
    question = GraphQLRequest(
        query=recipient.document,
        operation_name=None,
        variables={"case": encode(Entity.RESTRAINT_CASE, subject_id, case_id)},
        extensions=None,
        purpose=None,
        actor=recipient.actor,
        method="POST",
        request_id=runtime.new_id().hex,
    )
    answer = orjson.loads((await graphql_service.execute(question)).body)
    # What the policy withholds is left out; whatever else went wrong is no answer, least of all that nothing is there.
    broken = [one["extensions"]["code"] for one in answer.get("errors", ()) if one["extensions"]["code"] != WITHHELD]
    if broken or answer.get("data") is None:
        return NotOpened(str(broken[0] if broken else "NO_ANSWER")[:32])
    return Opened(answer["data"]["node"], at)
