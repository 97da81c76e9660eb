"""The days, ids and authorisations that these tests share. The persons do not exist."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

from consent import rules
from consent.authorisation import Authorisation
from consent.delegation import EVERY_GROUP, EVERY_POWER, Delegation, DelegationKind
from consent.rules import Bounds, Paper
from consent.templates import catalogue
from consent.vocabulary import FieldGroup, Purpose
from credit.core.context import ActionContext, Caller
from tests.action_context import action_context

TODAY = date(2026, 3, 5)
NOW = datetime(2026, 3, 5, 1, 2, 3, 4, tzinfo=UTC)

SUBJECT_ID = UUID(int=1)
OTHER_SUBJECT_ID = UUID(int=2)
APPLICATION_ID = UUID(int=3)
AUTHORISATION_ID = UUID(int=4)

BUREAU, OTHER_BUREAU, CHAMBER = "LZ-APPROVAL", "LZ-MARKET", "LZ-CHAMBER"

SUBJECT = Caller("account-1", "subject", subject=SUBJECT_ID)
OTHER_SUBJECT = Caller("account-2", "subject", subject=OTHER_SUBJECT_ID)
AGENT = Caller("agent-1", "agent")
CLERK = Caller("staff-1", "clerk", department=BUREAU)
ASSOCIATION = Caller("chamber-1", "association", department=CHAMBER)

TEMPLATES = catalogue()
CREDIT_CHECK, CONSULTATION = TEMPLATES[Purpose.CREDIT_CHECK], TEMPLATES[Purpose.CONSULTATION]

IDENTITY, CONTACT, RESTRAINT = FieldGroup.IDENTITY, FieldGroup.CONTACT, FieldGroup.RESTRAINT

NUMBERS = count(1000)


def day(after: int) -> date:
    return TODAY + timedelta(days=after)


def moment(after: int = 0) -> ActionContext:
    """The same hour, *after* days later; ids and salts never come twice."""
    return action_context(
        NOW + timedelta(days=after),
        new_id=lambda: UUID(int=next(NUMBERS)),
        random=lambda length: next(NUMBERS).to_bytes(length),
    )


def requested(bounds: Bounds = Bounds()) -> Authorisation:  # noqa: B008 - frozen
    """A credit check for one application: identity and restraint, thirty days, three uses."""
    return rules.request(
        CREDIT_CHECK,
        authorisation_id=AUTHORISATION_ID,
        subject_id=SUBJECT_ID,
        recipient_code=BUREAU,
        bounds=bounds,
        application_id=APPLICATION_ID,
        by=CLERK.ref,
        at=NOW,
        today=TODAY,
    )


def live(bounds: Bounds = Bounds()) -> Authorisation:  # noqa: B008 - frozen
    return rules.grant(requested(), CREDIT_CHECK, bounds, by=SUBJECT.ref, at=NOW, today=TODAY)


PAPER = Paper("LZ-2026-0012", TODAY)


def on_paper(*before: Authorisation) -> Authorisation:
    return rules.record_paper(requested(), CREDIT_CHECK, PAPER, before, today=TODAY)


def delegated(ref: str = AGENT.ref, **changes: Any) -> Delegation:
    """An agent with every group and every power, for ten days."""
    terms = {
        "subject_id": SUBJECT_ID, "delegation_id": UUID(int=77), "kind": DelegationKind.AGENT, "delegate_ref": ref,
        "groups": EVERY_GROUP, "powers": EVERY_POWER, "evidence": "LZ-POA-1", "granted_at": NOW, "starts_on": TODAY,
        "expires_on": day(10), "recorded_by": SUBJECT.ref, "recorded_as": SUBJECT.role,
    }  # fmt: skip
    return Delegation(**terms | changes)


def used(authorisation: Authorisation, times: int) -> Authorisation:
    """As the reading side counts."""
    return replace(authorisation, uses_made=authorisation.uses_made + times)
