"""The steps of one kind of record, stated once, and what trying them gives."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, cast
from uuid import UUID

from consent.errors import NOT_YOURS, ConsentError, NotFound
from consent.templates import Templates
from credit.cases.actions.take_step import StepDetails
from credit.core.context import ActionContext, Caller
from credit.core.errors import CreditError, UnknownCase
from schema.core.ports import CommittingWork
from schema.core.viewer_steps.dry_work import DryWork
from schema.core.viewer_steps.records import LoadedRecords, RecordKey, StepRecords
from schema.core.viewer_steps.step_names import ViewerStepName

PAPER: Final = "甲"
"""A reference to papers, which a step is tried with; short, because it is read each time."""
SOMEBODY_ELSE: Final = "somebody-else"
"""A staff reference that nobody has: of an officer who had no part in a record."""
WITH_PAPER: Final = StepDetails(None, (PAPER,))
"""A step of today with its papers."""


@dataclass(frozen=True, slots=True)
class StepRules:
    """The caller with the rules by which its steps are tried, and the bounds of authorisations."""

    by: ActionContext
    templates: Templates


@dataclass(frozen=True, slots=True)
class Attempt:
    """One record on which a step is tried: the unit of work, the caller and the rules, and the record's key."""

    work: CommittingWork
    by: ActionContext
    templates: Templates
    subject_id: UUID
    record_id: UUID


Try = Callable[[Attempt], Awaitable[object]]
"""Carries out the action of a step, with arguments that nothing is wrong with."""
Refused = CreditError | ConsentError
Shown = Mapping[str, object]
"""A step as `ViewerStep` shows it, by its fields."""


@dataclass(frozen=True, slots=True)
class TriedStep:
    """A step, and the *tries* of its action, the usual one first: the step is allowed if one of them is.

    Where none is, the refusal of the first is shown.
    """

    name: ViewerStepName
    tries: Sequence[Try]


def tried(name: ViewerStepName, *tries: Try) -> TriedStep:
    """Return the step *name*, which is tried in these ways."""
    return TriedStep(name, tries)


@dataclass(frozen=True, slots=True)
class AdmittedStep:
    """A step that the policy admits for a role and a purpose, and the fields that its input *needs*."""

    step: TriedStep
    needs: Sequence[str]


@dataclass(frozen=True, slots=True)
class StepTopic:
    """The *steps* of one kind of record, and what they are tried on."""

    steps: Sequence[TriedStep]
    load: Callable[[StepRecords, Collection[RecordKey], Caller], Awaitable[LoadedRecords]]

    async def try_steps(
        self, records: StepRecords, keys: Collection[RecordKey], admitted: Sequence[AdmittedStep], rules: StepRules
    ) -> Mapping[RecordKey, Sequence[Shown]]:
        """Return by record which of the *admitted* steps the caller may take now, and why not the others.

        A step that is not this viewer's whatever the record says is left out.
        """
        # It has what the actions of steps use of a unit of work, and no more.
        work = cast("CommittingWork", DryWork(await self.load(records, keys, rules.by.actor)))
        found: dict[RecordKey, Sequence[Shown]] = {}
        for key in keys:
            await asyncio.sleep(0)  # a record takes about a millisecond: other requests run between two
            on = Attempt(work, rules.by, rules.templates, *key)
            tried = [(each, await refusal_of(each.step, on)) for each in admitted]
            found[key] = [_shown(each, refused) for each, refused in tried if not _is_of_another_role(refused)]
        return found


async def refusal_of(step: TriedStep, on: Attempt) -> Refused | None:
    """Return why the step cannot be taken now; None where it can."""
    first: Refused | None = None
    for attempt in step.tries:
        try:
            await attempt(on)
        except (CreditError, ConsentError) as refused:
            first = first or refused
        else:
            return None
    return first


def _is_of_another_role(refused: Refused | None) -> bool:
    return isinstance(refused, UnknownCase | NotFound) or (refused is not None and refused.code == NOT_YOURS.code)


def _shown(of: AdmittedStep, refused: Refused | None) -> Shown:
    return {
        "name": of.step.name.value,
        "mutation": of.step.name.mutation,
        "allowed": refused is None,
        "refusal": None if refused is None else _refusal(refused),
        "needs": list(of.needs),
    }


def _refusal(refused: Refused) -> Shown:
    return {
        "code": refused.code,
        "message": refused.message_zh,
        "messageEn": refused.message,
        "wayOut": getattr(refused, "remedy_zh", "") or None,
        "wayOutEn": getattr(refused, "remedy", "") or None,
        "clause": refused.reason.clause,
        "until": _day_of(refused, "until"),
        "since": _day_of(refused, "since"),
    }


def _day_of(refused: Refused, name: str) -> date | None:
    found = getattr(refused, name, None)
    return found if isinstance(found, date) else None
