"""What a step is tried on and with, as the law has it; that the mutations answer the same: tests/journeys/effects."""

# ruff: noqa: E501 - one row of a table is one line

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time
from typing import cast
from uuid import uuid4

import pytest

from consent.delegation import Power
from consent.templates import catalogue
from credit.cases.case import Case
from credit.cases.status import Circumstance
from credit.core.context import Caller
from credit.core.values.dates import SHANGHAI
from schema.cases.viewer_steps import CASE_STEPS
from schema.core.ports import CommittingWork
from schema.core.viewer_steps.dry_work import DryWork
from schema.core.viewer_steps.records import LoadedRecords
from schema.core.viewer_steps.step_names import ViewerStepName
from schema.core.viewer_steps.topics import Attempt, refusal_of
from tests.action_context import action_context
from tests.consent.samples import delegated
from tests.credit.cases.one_case import (
    DEPARTMENT,
    HANDLER,
    collected,
    day,
    noticed,
    published,
    served,
    stated,
    verified,
)

STEPS = {step.name: step for step in CASE_STEPS.steps}
N = ViewerStepName
THE_HANDLER, AN_AGENT = Caller(HANDLER, "handler", DEPARTMENT), Caller("agent-1", "agent")

CASES: Sequence[tuple[str, Case, ViewerStepName, Caller, str, str | None]] = (
    # Name, case, step, who, day of 2026, and the code of the refusal: None where it is allowed.
    ("[5.1.4(2)] the notice follows the verification", verified(), N.NOTICE_CASE, THE_HANDLER, "03-04", None),
    ("[5.1.4(3)] silence is a waiver after its last day", served(), N.DETERMINE_CASE, THE_HANDLER, "03-11", None),
    ("until then nothing is determined", served(), N.DETERMINE_CASE, THE_HANDLER, "03-10", "STATEMENT_PERIOD_OPEN"),
    ("a letter posted in time is entered after it", served(), N.ENTER_STATEMENT, THE_HANDLER, "03-20", None),
    ("[5.1.4(4)] a statement waits for its review", stated(), N.DETERMINE_CASE, THE_HANDLER, "03-20", "REVIEW_OPEN"),
    ("[5.1.5] a claim posted before one that is open", published(), N.ENTER_RECTIFICATION_CLAIM, THE_HANDLER, "04-01", None),
    (
        "[5.1.2e] circumstance e is short of discipline",
        collected(circumstance=Circumstance.OTHER), N.VERIFY_CASE, THE_HANDLER, "03-03", None,
    ),
    ("[5.1.2c] no default without a reminder", replace(collected(), circumstance=Circumstance.DOCUMENTS_NOT_SUPPLIED), N.VERIFY_CASE, THE_HANDLER, "03-03", "BASIC_INFORMATION_MISSING"),
    ("[5.1.4(1)] a colleague sees whose case it is", verified(), N.NOTICE_CASE, Caller("handler-9", "handler", DEPARTMENT), "03-04", "NOT_THE_COLLECTOR"),
    ("[5.1.4(2)] before the notice the subject knows of nothing", verified(), N.STATE_DEFENCE, AN_AGENT, "03-04", "NOT_FOUND"),
    ("[5.1.6] a delegate with the power states", noticed(), N.STATE_DEFENCE, AN_AGENT, "03-05", None),
)  # fmt: skip


async def refused(case: Case, step: ViewerStepName, who: Caller, on: str, powers: Power = Power.DEFENCE) -> str | None:
    at = datetime.combine(day(on), time(12), SHANGHAI)
    term = {"starts_on": date(2026, 1, 1), "expires_on": date(2026, 12, 31)}
    held = delegated(AN_AGENT.ref, subject_id=case.subject_id, powers=powers, **term)
    records = LoadedRecords(cases={(case.subject_id, case.case_id): case}, delegations={case.subject_id: [held]})
    work = cast("CommittingWork", DryWork(records))
    by = action_context(at, uuid4, actor=who)
    found = await refusal_of(STEPS[step], Attempt(work, by, catalogue(), case.subject_id, case.case_id))
    kept: Mapping[object, Case] = records.cases
    assert list(kept.values()) == [case]
    return None if found is None else found.code


@pytest.mark.parametrize(("why", "case", "step", "who", "on", "code"), CASES, ids=[row[0] for row in CASES])
async def test_a_step_of_a_case(
    why: str, case: Case, step: ViewerStepName, who: Caller, on: str, code: str | None
) -> None:
    assert await refused(case, step, who, on) == code, why


async def test_a_delegate_without_the_power_is_shown_no_step() -> None:
    """[5.1.6] It is refused like what is not there, so the list leaves it out."""
    assert await refused(noticed(), N.STATE_DEFENCE, AN_AGENT, "03-05", Power(0)) == "NOT_FOUND"
