"""Whose act each step is, and from which of its two days it counts [5.1.4]."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit.applications.application import ApplicationStep
from credit.cases.steps import STEP_OF, StepName
from credit.core.late_entries import SUBJECTS_ACTS, ActDays, LateEntry, column, days_of, of_step, read, written
from credit.promises.take_step import PromiseStep
from tests.credit.cases.one_case import day

AUTHORITYS_ACTS = {
    "COLLECTED", "HANDED_OVER", "VERIFIED", "NOTICED", "SERVED", "REVIEWER_ASSIGNED", "REVIEWED", "DETERMINED",
    "PUBLISHED", "RUN_ANEW", "RECTIFICATION_REFUSED", "RECTIFIED", "DROPPED", "REFERRED", "MARKED", "UNMARKED",
    "CORRECTION_DISCOVERED", "CORRECTED", "REMOVED", "RECIPIENT_TOLD", "REOPENED", "OBJECTION_ASSIGNED",
    "OBJECTION_ANSWERED", "REMINDED", "REMINDER_SERVED", "COMPLETED", "COMMITMENT_VERIFIED", "DEFERRED",
    "DEFERRAL_ENDED", "COMMITTED", "COMMITMENT_ENDED", "TAKEN_OVER", "TAKEN_OVER_CONFIRMED", "ENTRIES_DELAYED",
    "DELAY_EXTENDED", "RECOLLECTED", "FILED", "ACCEPTED", "CHECKED", "GRANTED", "DECIDED",
}  # fmt: skip
"""What an officer does or decides. A promise that is accepted is made at the window, on the day itself."""


def test_every_step_is_the_subjects_or_the_authoritys():
    """A new step needs its place in one of the two lists: it decides from which day the step counts."""
    assert set(StepName) | set(PromiseStep) | set(ApplicationStep) == AUTHORITYS_ACTS | SUBJECTS_ACTS
    assert not AUTHORITYS_ACTS & SUBJECTS_ACTS


@pytest.mark.parametrize(
    ("case", "step", "on", "recorded_on", "counts_on", "is_late"),
    [
        ("no day is given", "NOTICED", None, "03-09", "03-09", False),
        ("on the day itself", "NOTICED", "03-09", "03-09", "03-09", False),
        ("the authority's act, recorded a week later", "NOTICED", "03-02", "03-09", "03-09", True),
        ("a receipt, recorded a week later", "SERVED", "03-02", "03-09", "03-09", True),
        ("a letter of the subject, recorded a week later", "STATED", "03-02", "03-09", "03-02", True),
        ("a claim of the subject on paper", "RECTIFICATION_CLAIMED", "03-02", "03-09", "03-02", True),
        ("an objection on paper", "OBJECTED", "03-02", "03-09", "03-02", True),
        ("a withdrawal of an application on paper", "WITHDRAWN", "03-02", "03-09", "03-02", True),
        ("a withdrawal from a promise on paper", "DEFERRAL_WITHDRAWN", "03-02", "03-09", "03-02", True),
        ("a document of the applicant, recorded the next day", "HANDED_IN", "03-08", "03-09", "03-08", True),
        ("a day of the future, for the rule to refuse", "NOTICED", "03-10", "03-09", "03-10", False),
        ("a letter of the future, for the rule to refuse", "STATED", "03-10", "03-09", "03-10", False),
    ],
)
def test_an_act_counts_from_a_day(case, step, on, recorded_on, counts_on, is_late):
    given_day = None if on is None else day(on)
    late = LateEntry(day(on), day(recorded_on)) if is_late else None
    found = days_of(step, given_day, day(recorded_on))
    assert found == ActDays(day(counts_on), late), case
    assert found.own_day == (given_day or day(recorded_on)), case


@given(st.sampled_from(sorted(AUTHORITYS_ACTS)), st.dates(date(2026, 1, 1), date(2026, 12, 31)), st.integers(0, 400))
def test_the_authority_gains_no_day_by_dating_back(step, recorded_on, back):
    """[5.1.4] An act that is dated back counts as if it had been dated with the day of its record."""
    dated_back = days_of(step, recorded_on - timedelta(days=back), recorded_on)
    assert dated_back.counts_on == days_of(step, None, recorded_on).counts_on
    assert (dated_back.late is not None) is (back > 0)


def test_a_late_entry_comes_back_from_its_column():
    late = LateEntry(day("03-02"), day("03-09"))
    stored = column([("NOTICED", late), ("SERVED", None)])
    assert stored == {"NOTICED": {"on": "2026-03-02", "recorded_on": "2026-03-09"}}
    assert (of_step(stored, "NOTICED"), of_step(stored, "SERVED"), of_step(None, "NOTICED")) == (late, None, None)
    assert read(written(late)) == late
    assert column([("SERVED", None)]) is None
    with pytest.raises(ValueError, match="after its own day"):
        LateEntry(day("03-09"), day("03-09"))


def test_the_columns_of_a_case_name_its_steps():
    assert set(STEP_OF.values()) < set(StepName)
