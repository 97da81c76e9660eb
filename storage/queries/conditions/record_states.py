"""The states of records as conditions on a row: what filters by a status ask for [4.2] [5.1.3]-[5.1.6].

A status is stored nowhere, so each state is a condition on the dated facts and today. For every record exactly one
state holds: the one that the pure function of its topic gives, and a test compares the two.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import FromClause, and_, false, not_, or_

from consent.authorisation import Status
from credit.applications.application import ApplicationStatus
from credit.cases.status import CaseStatus, UnrectifiedPolicy
from credit.promises.commitment import CommitmentState, VerificationOutcome
from storage.database.sql_dates import civil_day
from storage.queries.conditions.row_conditions import Condition, Rule, bind, in_force, is_resting
from storage.queries.literals import word

_STEPS = ("determined_on", "reviewed_on", "stated_on", "served_on", "noticed_on", "verified_at")
_STATUS_OF_STEP = (
    CaseStatus.DETERMINED,
    CaseStatus.REVIEWED,
    CaseStatus.STATED,
    CaseStatus.SERVED,
    CaseStatus.NOTICED,
    CaseStatus.VERIFIED,
    CaseStatus.COLLECTED,
)


# --- cases ---------------------------------------------------------------------------------------------------------


def _has_come(day: Any) -> Condition:  # noqa: ANN401 - a column of days
    return and_(day.is_not(None), day <= bind("today"))


def _has_not_come(day: Any) -> Condition:  # noqa: ANN401 - as above
    return or_(day.is_(None), day > bind("today"))


def is_running(case: FromClause) -> Condition:
    """Return the condition that *case* is neither published nor over, by what is recorded.

    It is that of an index. No fact is recorded before its day, and an end is set when a case is published or repaired,
    so a status before the publication [5.1.4] demands it.
    """
    names = ("ends_on", "removed_on", "dropped_on", "referred_on")
    return and_(*(case.c[name].is_(None) for name in names))


def _is_paused(case: FromClause) -> Condition:
    return and_(_has_come(case.c.paused_on), _has_not_come(case.c.resumed_on))


def _is_not_over(case: FromClause) -> Condition:
    return and_(*(_has_not_come(case.c[name]) for name in ("removed_on", "dropped_on", "referred_on")))


def _is_repaired_unpublished(case: FromClause) -> Condition:
    return and_(case.c.published_on.is_(None), case.c.ends_on.is_not(None), _has_come(case.c.rectified_on))


def _is_free(case: FromClause, unrectified: UnrectifiedPolicy) -> Condition:
    """Return the condition that the first day without restraint has come, as `RestraintDates.free_on`."""
    row, today = case.c, bind("today")
    after = and_(row.published_on.is_not(None), row.ends_on.is_not(None), row.ends_on < today)
    if unrectified is UnrectifiedPolicy.STAYS:
        answered = row.timely_claim_answered_on
        in_time = and_(row.timely_claim_on.is_not(None), or_(answered.is_(None), answered >= row.rectified_on))
        after = and_(after, row.rectified_on.is_not(None), or_(in_time, row.rectified_on <= today))
    return or_(after, _is_repaired_unpublished(case))


def _in_review(case: FromClause, unrectified: UnrectifiedPolicy) -> Condition:
    """Return the condition that a case that is paused is so for a review, and has not ended [5.1.4(3)]."""
    resumed, reviewed = case.c.resumed_on, case.c.reviewed_on
    is_review = or_(resumed.is_(None), and_(reviewed.is_not(None), resumed == reviewed))
    return and_(is_review, not_(_is_free(case, unrectified)))


def _suspended(case: FromClause, unrectified: UnrectifiedPolicy) -> Condition:
    return and_(_is_not_over(case), _is_paused(case), _in_review(case, unrectified))


def _published(case: FromClause, unrectified: UnrectifiedPolicy) -> Condition:
    return and_(in_force(case, unrectified), bind("today") <= case.c.ends_on)


def _overdue(case: FromClause, unrectified: UnrectifiedPolicy) -> Condition:
    return and_(in_force(case, unrectified), case.c.ends_on < bind("today"))


def _claim_unanswered(case: FromClause, unrectified: UnrectifiedPolicy) -> Condition:
    return and_(is_resting(case, unrectified), not_(_is_paused(case)))


def _ended(case: FromClause, unrectified: UnrectifiedPolicy) -> Condition:
    runs_out = and_(
        _has_come(case.c.published_on), not_(in_force(case, unrectified)), not_(is_resting(case, unrectified))
    )
    rests = and_(_is_paused(case), not_(_in_review(case, unrectified)))
    repaired = and_(not_(_is_paused(case)), or_(_is_repaired_unpublished(case), runs_out))
    return and_(_is_not_over(case), or_(rests, repaired))


def _ended_by(at: int) -> Rule:
    names = ("referred_on", "dropped_on", "removed_on")

    def rule(case: FromClause, _: UnrectifiedPolicy) -> Condition:
        return and_(_has_come(case.c[names[at]]), *(_has_not_come(case.c[name]) for name in names[:at]))

    return rule


def _at_step(at: int) -> Rule:
    """Return the condition that the furthest step is the one at this place of `_STEPS`; after the last, none is."""

    def rule(case: FromClause, _: UnrectifiedPolicy) -> Condition:
        days = [civil_day(case.c[name]) if name == "verified_at" else case.c[name] for name in _STEPS]
        taken = [_has_come(day) for day in days[at : at + 1]]
        return and_(is_running(case), not_(_is_paused(case)), *taken, *(_has_not_come(day) for day in days[:at]))

    return rule


CASES: Mapping[str, Rule] = {
    **{status.value: _at_step(at) for at, status in enumerate(_STATUS_OF_STEP)},
    CaseStatus.PUBLISHED.value: _published,
    CaseStatus.SUSPENDED.value: _suspended,
    CaseStatus.OVERDUE_FOR_RECTIFICATION.value: _overdue,
    CaseStatus.CLAIM_UNANSWERED.value: _claim_unanswered,
    CaseStatus.ENDED.value: _ended,
    CaseStatus.REFERRED.value: _ended_by(0),
    CaseStatus.DROPPED.value: _ended_by(1),
    CaseStatus.REMOVED.value: _ended_by(2),
}
"""As `credit.cases.status.CaseDates.status`."""


# --- applications and promises -------------------------------------------------------------------------------------


def _by_outcome(application: FromClause, *, withdrawn: bool) -> Condition:
    outcome, said = application.c.outcome, word("WITHDRAWN")
    return outcome == said if withdrawn else or_(outcome.is_(None), outcome != said)


def _application(*, decided: bool, accepted: bool | None) -> Rule:
    def rule(application: FromClause, _: UnrectifiedPolicy) -> Condition:
        row = application.c
        is_decided = row.decided_at.is_not(None) if decided else row.decided_at.is_(None)
        found = [is_decided, _by_outcome(application, withdrawn=False)]
        if accepted is not None:
            found.append(row.accepted_at.is_not(None) if accepted else row.accepted_at.is_(None))
        return and_(*found)

    return rule


APPLICATIONS: Mapping[str, Rule] = {
    ApplicationStatus.FILED.value: _application(decided=False, accepted=False),
    ApplicationStatus.ACCEPTED.value: _application(decided=False, accepted=True),
    ApplicationStatus.DECIDED.value: _application(decided=True, accepted=None),
    ApplicationStatus.WITHDRAWN.value: lambda application, _: _by_outcome(application, withdrawn=True),
}
"""As `credit.applications.application.status`."""


def _verified(outcome: VerificationOutcome) -> Rule:
    return lambda row, _: and_(_has_come(row.c.verified_on), row.c.outcome == word(outcome.value))


def _commitment_ended(row: FromClause, _: UnrectifiedPolicy) -> Condition:
    return and_(_has_not_come(row.c.verified_on), _has_come(row.c.ended_on))


def _commitment_open(*, completed: bool, late: bool) -> Rule:
    """Return the condition of an open commitment; the last day of its open task is stored with it [4.2.3]."""

    def rule(row: FromClause, _: UnrectifiedPolicy) -> Condition:
        its, today = row.c, bind("today")
        is_late = its.waits_sorts_on < today if late else its.waits_sorts_on >= today
        done = its.completed_on.is_not(None) if completed else its.completed_on.is_(None)
        return and_(its.verified_on.is_(None), its.ended_on.is_(None), done, is_late)

    return rule


COMMITMENTS: Mapping[str, Rule] = {
    CommitmentState.MADE.value: _commitment_open(completed=False, late=False),
    CommitmentState.COMPLETION_OVERDUE.value: _commitment_open(completed=False, late=True),
    CommitmentState.TO_BE_VERIFIED.value: _commitment_open(completed=True, late=False),
    CommitmentState.VERIFICATION_OVERDUE.value: _commitment_open(completed=True, late=True),
    CommitmentState.MET.value: _verified(VerificationOutcome.MET),
    CommitmentState.NOT_MET.value: _verified(VerificationOutcome.NOT_MET),
    CommitmentState.ENDED.value: _commitment_ended,
}
"""As `credit.promises.commitment.state`, by the last day that is stored with it."""


# --- authorisations ------------------------------------------------------------------------------------------------


def _granted(*more: Rule) -> Rule:
    """Return the condition that an authorisation was granted, and what else holds; who refused never granted."""
    return lambda row, unrectified: and_(
        row.c.refused_at.is_(None), row.c.granted_at.is_not(None), *(rule(row, unrectified) for rule in more)
    )


def _is_null(name: str, *, null: bool = True) -> Rule:
    return lambda row, _: row.c[name].is_(None) if null else row.c[name].is_not(None)


def _expires(*, over: bool) -> Rule:
    return lambda row, _: row.c.expires_on < bind("today") if over else row.c.expires_on >= bind("today")


def _is_unconfirmed(row: FromClause, _: UnrectifiedPolicy) -> Condition:
    return and_(row.c.held_at.is_not(None), row.c.confirmed_at.is_(None))


def _is_confirmed(row: FromClause, _: UnrectifiedPolicy) -> Condition:
    return or_(row.c.held_at.is_(None), row.c.confirmed_at.is_not(None))


def _has_uses(*, left: bool) -> Rule:
    return lambda row, _: row.c.uses_made < row.c.uses_allowed if left else row.c.uses_made >= row.c.uses_allowed


def _never(_row: FromClause, _: UnrectifiedPolicy) -> Condition:
    return false()


def _asked(*, over: bool, refusals: bool) -> Rule:
    """Return the condition of a request that was not granted; where *refusals* are shown, it was not refused either."""
    rules = [_is_null("granted_at"), _expires(over=over), *([_is_null("refused_at")] if refusals else [])]
    return lambda row, unrectified: and_(*(rule(row, unrectified) for rule in rules))


def _authorisations(*, refusals: bool) -> Mapping[str, Rule]:
    kept = _is_null("withdrawn_at"), _is_null("contested_at")
    runs = *kept, _expires(over=False)
    return {
        Status.REQUESTED.value: _asked(over=False, refusals=refusals),
        Status.LAPSED.value: _asked(over=True, refusals=refusals),
        Status.REFUSED.value: _is_null("refused_at", null=False) if refusals else _never,
        Status.WITHDRAWN.value: _granted(_is_null("withdrawn_at", null=False)),
        Status.CONTESTED.value: _granted(_is_null("withdrawn_at"), _is_null("contested_at", null=False)),
        Status.EXPIRED.value: _granted(*kept, _expires(over=True)),
        Status.UNCONFIRMED.value: _granted(*runs, _is_unconfirmed),
        Status.LIVE.value: _granted(*runs, _is_confirmed, _has_uses(left=True)),
        Status.USED_UP.value: _granted(*runs, _is_confirmed, _has_uses(left=False)),
    }


AUTHORISATIONS: Mapping[str, Rule] = _authorisations(refusals=True)
"""As `consent.authorisation.status_of`."""
AUTHORISATIONS_WITHOUT_REFUSALS: Mapping[str, Rule] = _authorisations(refusals=False)
"""The same for a reader to whom a refused request is one that was not granted [5.1.6]."""
