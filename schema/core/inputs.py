"""What the inputs of several topics have in common: descriptions, and the records that they name."""

from typing import Any, cast
from uuid import UUID

import schema.core.enums  # noqa: F401 - gives the enums below their names and descriptions before a type uses them
from credit.cases.actions.take_step import StepDetails
from credit.core.record_refs import ApplicationRef, CaseRef
from policy.actions import Action
from queryplan.entities import Entity
from schema.core.fields import ACTION
from schema.core.idempotency import id_of

CASE = "Which case, by its global id."
CASE_VERSION = "How many changes of the case were seen, from 1: refused where there were more. Default: as it stands."
APPLICATION = "Which application, by its global id."
VERSION = "How many changes of it were seen, from 1: refused where there were more. Default: as it stands."
ON = "The day on which it was done, in Asia/Shanghai; default: today."
EVIDENCE = "The file references of the papers that show it; no name and no identity number in them."


STEP = {ACTION: Action.TRANSITION}
"""The metadata of a mutation that takes a step, and does not merely write."""


def case_ref(given: Any) -> CaseRef:  # noqa: ANN401 - any of the inputs that name a case
    """Return which case is meant, at which version."""
    subject_id, case_id = cast("Any", id_of(given.case, Entity.RESTRAINT_CASE).keys)
    return CaseRef(subject_id, case_id, given.expected_version)


def step_details(given: Any) -> StepDetails:  # noqa: ANN401 - any of the inputs with a day
    """Return what is said about a step."""
    return StepDetails(given.on, tuple(given.evidence))


def application_ref(given: Any) -> ApplicationRef:  # noqa: ANN401 - any of the inputs that name an application
    """Return which application is meant, at which version; raises BadId."""
    subject_id, application_id = cast("tuple[UUID, UUID]", id_of(given.application, Entity.APPLICATION).keys)
    return ApplicationRef(subject_id, application_id, getattr(given, "expected_version", None))
