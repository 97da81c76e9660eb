"""The context of resolvers that are not planned: mutations, and fields without data of other people."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, TypeAlias
from uuid import UUID

import strawberry

from consent.templates import Template
from consent.vocabulary import Purpose
from credit.calendar.calendar import Calendar
from credit.cases.publicity import PublicityRule
from credit.cases.status import UnrectifiedPolicy
from credit.core.context import ActionContext
from credit.core.errors import CreditError
from credit.incentives.incentive import GrantingRules
from credit.notices.issued_notice import NoticeService
from credit.policy_texts.measures import Measure
from credit.policy_texts.policy_texts import PolicyTexts
from policy.actors import Actor
from policy.crypto.keyring import Keyring
from policy.decisions import Decisions
from schema.core.access_explanation import AccessExplanation
from schema.core.limits import Limits
from schema.core.ports import (
    Begin,
    FigureService,
    JointMeasures,
    NumberLookups,
    OwnLedgers,
    Receipts,
    RequestOrigin,
    Runtime,
)


@dataclass(slots=True)
class RequestContext:
    """One request. *planned* holds the values of its planned roots; *read_back* reads what a mutation wrote."""

    actor: Actor
    action_context: Callable[[], ActionContext]
    purpose: Purpose | None
    now: datetime
    today: date
    runtime: Runtime
    policy: Decisions
    templates: Mapping[Purpose, Template]
    delegation_longest_days: int
    notice_required: bool
    policy_texts: PolicyTexts
    measures: Sequence[Measure]
    calendar: Calendar
    unrectified: UnrectifiedPolicy
    keyring: Keyring
    begin: Begin
    origin: RequestOrigin
    limits: Limits
    planned: Mapping[str, object]
    read_back: Callable[[tuple[str, ...], tuple[UUID, ...]], Awaitable[object]]
    explain: Callable[[str, Purpose | None, str | None], AccessExplanation]
    ask: Callable[[str, Mapping[str, object]], Awaitable[Mapping[str, Any]]]
    """Runs a document of our own as the caller, for the caller's purpose: authorised and recorded like any query."""
    notices: NoticeService
    figures: FigureService
    own_ledgers: OwnLedgers
    receipts: Receipts
    granting: GrantingRules
    publicity: Sequence[PublicityRule]
    joint_measures: JointMeasures
    lookups: NumberLookups
    network: Callable[[], str]
    """Gives the network of the client, for a limit; it is neither stored nor logged."""
    record_refusal: Callable[[RequestContext, CreditError, object], Awaitable[None]]
    """Records what a refusal of an input reveals of a subject, durable before the refusal is shown [5.1.6]."""
    committed: Callable[[Sequence[bytes]], None]
    """Takes entries of the log `access` that a transaction of this request has made durable: the answer has what the
    log promises for them."""
    refused: list[tuple[str, str]] = field(default_factory=list)
    """The mutations that were refused so far, each with the code of its refusal."""

    @property
    def action(self) -> ActionContext:
        """Return the context of the actions of this request: caller, instant, ids, random bytes, rules."""
        return self.action_context()


Info: TypeAlias = strawberry.Info[RequestContext, None]
"""What strawberry gives a resolver: the field, and the context of the request."""
