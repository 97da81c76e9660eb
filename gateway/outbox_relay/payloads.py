"""The payload, as JSON: docs/city-platform.md describes it for recipients.

A payload states one case at the moment of sending:

    IN_FORCE     a restraint, with basic information [5.1.3]
    DETERMINED   determined, and not published yet: announced without particulars [5.1.4(5)]
    ENDED        not in force any more, for any reason: the recipient has to remove what it received before [5.1.5]
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

import orjson

from credit.corrections.deliveries import TOPIC as CORRECTION_TOPIC
from gateway.outbox_relay.read_current_state import Opened
from storage.repositories.messages.outbox_queue import OutboxMessage

SCHEMA: Final = "chengxin/restraint/1"
DETERMINED_TOPIC: Final = "restraint-case.determined"
ENDED_TOPIC: Final = "restraint-case.ended"
"""The topic of every payload that removes a case, for any reason: a penalty or a state secret must not show in it."""


class PayloadState(StrEnum):
    """The state of a case, as far as its recipient may know it."""

    IN_FORCE = "IN_FORCE"
    DETERMINED = "DETERMINED"
    ENDED = "ENDED"


def state_of(message: OutboxMessage, opened: Opened) -> PayloadState:
    """Return the state of the case.

    **Reading**: the platform receives particulars of restraints in force only. A determination is pushed promptly, as
    an announcement without identity [5.1.4(5)]; the identity follows with the publication.
    """
    if opened.case is not None:
        return PayloadState.IN_FORCE
    return (
        PayloadState.DETERMINED if message.topic == DETERMINED_TOPIC and opened.may_be_announced else PayloadState.ENDED
    )


def payload(message: OutboxMessage, state: PayloadState, opened: Opened, *, stays: bool) -> bytes:
    """Return the body of a request. *stays*: an unrectified restraint outlasts its last day here [5.1.5]."""
    return orjson.dumps(
        {
            "schema": SCHEMA,
            "message_id": str(message.message_id),
            "case_id": str(message.lane),
            "sequence": message.place,
            "topic": _topic(message, state),
            "left_at": message.created_at.isoformat(),
            "state": state.value,
            "department_code": message.about.get("department_code"),
            "restraint": None if opened.case is None else _restraint(opened.case, stays=stays),
        }
    )


def _topic(message: OutboxMessage, state: PayloadState) -> str:
    """Return the topic that the recipient may know; it must know that data was wrong [5.1.4(6)]."""
    return ENDED_TOPIC if state is PayloadState.ENDED and message.topic != CORRECTION_TOPIC else message.topic


def _restraint(case: Mapping[str, Any], *, stays: bool) -> dict[str, Any]:
    subject = case.get("subject") or {}
    return {
        "number": case.get("number"),
        "circumstance": case.get("circumstance"),
        "facts": case.get("facts"),
        "basis": case.get("basis"),
        "legal_document": case.get("legalDocument"),
        "determined_on": case.get("determinedOn"),
        "published_on": case.get("publishedOn"),
        "ends_on": case.get("endsOn"),
        "period_basis": case.get("periodBasis"),
        "is_listed": case.get("isListed"),
        "listed_until": case.get("listedUntil"),
        "rectified_on": case.get("rectifiedOn"),
        "taken_over": case.get("isTakenOver"),
        "stays_until_rectified": stays and bool(case.get("staysUntilRectified")),
        "department": case.get("department"),
        "sector_code": (case.get("sector") or {}).get("code"),
        "subject": {
            "kind": subject.get("kind"),
            "name": subject.get("name"),
            "identifier_kind": subject.get("identifierKind"),
            "identifier": subject.get("identifier"),
            "address": subject.get("address"),
            "area": subject.get("area"),
        },
    }
