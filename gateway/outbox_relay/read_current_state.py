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

from credit.corrections.correction import Item
from gateway.outbox_relay.recipients import Recipient
from queryplan.plan import Entity
from schema.core.global_ids import encode
from schema.core.ports import Question, Street
from schema.execution.service import Road
from storage.repositories.messages.outbox_queue import Message

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
    def items(self) -> frozenset[Item]:
        """Which items of basic information are in it [5.1.3]."""
        case = self.case
        if case is None:
            return frozenset()
        subject = case.get("subject") or {}
        said = {
            Item.NAME: subject.get("name"),
            Item.NUMBER: subject.get("identifier"),
            Item.ADDRESS: subject.get("address"),
            Item.FACTS: case.get("facts"),
            Item.AUTHORITY: case.get("department"),
            Item.BASIS: case.get("basis"),
            Item.DETERMINED_ON: case.get("determinedOn"),
            Item.VALIDITY: case.get("endsOn") or case.get("publishedOn"),
            Item.LEGAL_DOCUMENT: case.get("legalDocument"),
        }
        return frozenset(item for item, value in said.items() if value)


@dataclass(frozen=True, slots=True)
class NotOpened:
    """The counter did not answer: the code says why, and nothing leaves."""

    code: str


async def open_message(road: Road, message: Message, recipient: Recipient, street: Street) -> Opened | NotOpened:
    """Return what *recipient* is to be told now."""
    at = street.now()
    subject_id, case_id = UUID(str(message.about["subject_id"])), UUID(str(message.about["case_id"]))
    question = Question(
        query=recipient.document,
        operation_name=None,
        variables={"case": encode(Entity.RESTRAINT_CASE, subject_id, case_id)},
        extensions=None,
        purpose=None,
        actor=recipient.actor,
        method="POST",
        request_id=street.new_id().hex,
    )
    answer = orjson.loads((await road.answer(question)).body)
    # What the policy withholds is left out; whatever else went wrong is no answer, least of all that nothing is there.
    broken = [one["extensions"]["code"] for one in answer.get("errors", ()) if one["extensions"]["code"] != WITHHELD]
    if broken or answer.get("data") is None:
        return NotOpened(str(broken[0] if broken else "NO_ANSWER")[:32])
    return Opened(answer["data"]["node"], at)
