"""A recorded step: who took it, when, on what evidence, and what it decided. It is permanent, with a leaf [5.1.1]."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from credit.core.context import ActionContext

SALT_BYTES: Final = 16


@dataclass(frozen=True, slots=True)
class RecordedStep:
    """One step, with references, days and choices only: nothing personal.

    *about* is the id of what the step changed: a case, an application, an objection or a correction. If an objection or
    a correction is about no case, *record* and *record_id* name the record of the subject that it is about.
    """

    subject_id: UUID
    step_id: UUID
    about: UUID
    step: str
    on: date
    at: datetime
    actor_ref: str
    role: str
    department_code: str | None
    evidence: tuple[str, ...] = field(repr=False)
    facts: Mapping[str, Any] = field(repr=False)
    salt: bytes = field(repr=False)
    record: str | None = None
    record_id: UUID | None = None


def recorded_step(
    context: ActionContext,
    step: str,
    *,
    subject_id: UUID,
    about: UUID,
    on: date,
    department_code: str | None,
    evidence: tuple[str, ...] = (),
    facts: Mapping[str, Any] | None = None,
    record: str | None = None,
    record_id: UUID | None = None,
    step_id: UUID | None = None,
) -> RecordedStep:
    """Return the *step* that the caller takes now, with a new id and a new salt; *on* is the day of the step.

    *step_id* is given where a text was sealed for the step before.
    """
    return RecordedStep(
        subject_id=subject_id,
        step_id=step_id or context.new_id(),
        about=about,
        step=str(step),
        on=on,
        at=context.now,
        actor_ref=context.actor.ref,
        role=context.actor.role,
        department_code=department_code,
        evidence=evidence,
        facts=dict(facts or {}),
        salt=context.random(SALT_BYTES),
        record=record,
        record_id=record_id,
    )
