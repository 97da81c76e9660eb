"""The steps by which the demo's cases and applications came to their dates: who took them, and when [4] [5.1].

So each has its history and its entries of the ledger, as if the actions had been taken on those days.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, time
from typing import Any
from uuid import UUID, uuid5

from credit.applications.application import ApplicationStep, Outcome
from credit.calendar.deadlines import civil_date
from credit.cases.case import RemovalCause, ReviewOutcome, ServiceMeans
from credit.cases.steps import StepName, written_record
from credit.core.recorded_step import SALT_BYTES, RecordedStep
from credit.core.values.dates import SHANGHAI
from gateway.demo.district.district import MARKET
from gateway.demo.records.applications import DemoApplication
from gateway.demo.records.cases import BASIS, DemoCase
from gateway.demo.seed.well_known_ids import HEAD, MYSELF, SUBJECT

Random = Callable[[int], bytes]
_HOURS: Mapping[StepName, int] = {StepName.STATED: 10, StepName.REVIEWER_ASSIGNED: 11, StepName.REVIEWED: 15}
_HOUR = 16


def legal_document(case: DemoCase) -> str | None:
    """Return the number of the document by which a case was determined."""
    return case.number.replace("信认", "决定") if case.when.determined_on else None


def steps_of_case(case: DemoCase, random: Random) -> Iterator[RecordedStep]:
    """Give the steps of a case in the order of the procedure."""
    when, handler, subject_id = case.when, case.handler_ref, case.subject.subject_id
    department = case.department.code
    head = HEAD if department == MARKET else f"{department.lower()}-head-1"
    dropped = when.dropped_on is not None and when.dropped_on == when.reviewed_on
    outcome = ReviewOutcome.DROPPED if dropped else ReviewOutcome.UPHELD
    means = ServiceMeans.ON_THE_SPOT if when.served_on == when.noticed_on else ServiceMeans.BY_POST
    ends_on = None if when.ends_on is None else when.ends_on.isoformat()
    record = written_record(case.number, department, case.circumstance, case.channel, BASIS, handler)
    term = {"months": 6, "until": None, "citation": None}
    taken: Sequence[tuple[StepName, date | datetime | None, str, str, dict[str, Any]]] = (
        (StepName.COLLECTED, when.collected_at, handler, "handler", record),
        (StepName.VERIFIED, when.verified_at, handler, "handler", {}),
        (StepName.NOTICED, when.noticed_on, handler, "handler", {}),
        (StepName.SERVED, when.served_on, handler, "handler", {"means": means.value}),
        (StepName.STATED, when.stated_on, _account(subject_id), "subject", {}),
        (StepName.REVIEWER_ASSIGNED, when.stated_on, head, "head", {"reviewer_ref": case.reviewer_ref}),
        (
            StepName.REVIEWED, when.reviewed_on, case.reviewer_ref or "", "reviewer",
            {"outcome": outcome.value, "basis": BASIS},
        ),
        (
            StepName.DETERMINED, when.determined_on, handler, "handler",
            {"legal_document": legal_document(case), "term": term},
        ),
        (StepName.PUBLISHED, when.published_on, handler, "handler", {"ends_on": ends_on}),
        (StepName.RECTIFIED, when.rectified_on, handler, "handler", {"ends_on": ends_on}),
        (StepName.REMOVED, when.removed_on, handler, "handler", {"cause": RemovalCause.WRONG.value}),
        (StepName.REFERRED, when.referred_on, handler, "handler", {}),
        (StepName.MARKED, when.last_on if case.confidential else None, head, "head", {}),
    )  # fmt: skip
    for name, taken_at, by, role, facts in taken:
        if taken_at is not None:
            at = taken_at if isinstance(taken_at, datetime) else _at(name, taken_at)
            office = None if role == "subject" else department
            yield _step(subject_id, case.case_id, name, at, (by, role, office), facts, random)


def steps_of_application(application: DemoApplication, random: Random) -> Iterator[RecordedStep]:
    """Give the steps of an application."""
    clerk = (application.clerk_ref, "clerk", application.department_code)
    filed = {"matter_code": application.matter_code, "number": application.number, "channel": application.channel}
    subject_id, application_id = application.subject_id, application.application_id

    def step(
        name: ApplicationStep, at: datetime, by: tuple[str, str, str | None], facts: dict[str, Any]
    ) -> RecordedStep:
        return _step(subject_id, application_id, name, at, by, facts, random)

    yield step(ApplicationStep.FILED, application.filed_at, clerk, filed)
    if application.accepted_at is not None:
        yield step(ApplicationStep.ACCEPTED, application.accepted_at, clerk, {})
    if application.decided_at is not None:
        if application.outcome == Outcome.WITHDRAWN:
            by = (_account(subject_id), "subject", None)
            yield step(ApplicationStep.WITHDRAWN, application.decided_at, by, {})
        else:
            yield step(ApplicationStep.DECIDED, application.decided_at, clerk, {"outcome": application.outcome})


def _step(
    subject_id: UUID,
    about: UUID,
    name: str,
    at: datetime,
    by: tuple[str, str, str | None],
    facts: dict[str, Any],
    random: Random,
) -> RecordedStep:
    actor, role, department = by
    return RecordedStep(
        subject_id=subject_id,
        step_id=uuid5(about, name),
        about=about,
        step=str(name),
        on=civil_date(at),
        at=at,
        actor_ref=actor,
        role=role,
        department_code=department,
        evidence=(),
        facts=facts,
        salt=random(SALT_BYTES),
    )


def _at(name: StepName, day: date) -> datetime:
    """Return an instant of *day*, at which a review follows a statement of the same day."""
    return datetime.combine(day, time(_HOURS.get(name, _HOUR)), SHANGHAI)


def _account(subject_id: UUID) -> str:
    return SUBJECT if subject_id == MYSELF.subject_id else f"account-{subject_id}"
