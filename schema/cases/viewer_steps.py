"""The steps of a restraint case, each as it is tried on a case: what `viewerCan` tells of it [5.1.4]."""

from datetime import date, timedelta
from typing import Final

from credit.cases.actions import confidentiality, entry_delays, procedure, rectification, statements
from credit.cases.actions.entry_delays import DelayEntries
from credit.cases.actions.procedure import DetermineCase, ReviewCase, VerifyCase
from credit.cases.actions.take_step import StepDetails
from credit.cases.case import RemovalCause, ReviewOutcome, ServiceMeans, Severity
from credit.cases.rules.term import SIX_MONTHS
from credit.cases.status import Circumstance
from credit.core.late_entries import Means
from credit.core.record_refs import CaseRef
from credit.corrections.actions import DiscoverError, discover_error
from credit.corrections.correction import RecordItem, Remedy
from schema.core.viewer_steps.loads import load_cases
from schema.core.viewer_steps.step_names import ViewerStepName
from schema.core.viewer_steps.topics import PAPER, SOMEBODY_ELSE, WITH_PAPER, Attempt, StepTopic, tried


def case_of(on: Attempt) -> CaseRef:
    """Return the case on which a step is tried."""
    return CaseRef(on.subject_id, on.record_id)


def _posted(on: date | None) -> StepDetails:
    return StepDetails(on, (PAPER,))


async def _notice_day(on: Attempt) -> date | None:
    """Return the first day on which a letter of the subject can have been posted; None, which is today, without one."""
    case = await on.work.cases.load(on.subject_id, on.record_id)
    days = [] if case is None else [fact.own_day for fact in (case.verified, case.noticed) if fact is not None]
    return max(days, default=None)


async def _enter_statement(on: Attempt, posted: date | None) -> object:
    return await statements.state(on.work, on.by, case_of(on), _posted(posted), None, Means.PAPER)


async def _enter_claim(on: Attempt, posted: date | None) -> object:
    return await rectification.claim(on.work, on.by, case_of(on), _posted(posted), Means.PAPER)


async def _enter_earliest_statement(on: Attempt) -> object:
    return await _enter_statement(on, await _notice_day(on))


async def _enter_earliest_claim(on: Attempt) -> object:
    return await _enter_claim(on, await _notice_day(on))


async def _verify(on: Attempt) -> object:
    command = VerifyCase(case_of(on), WITH_PAPER, await _severity(on), None, (PAPER,))
    return await procedure.verify(on.work, on.by, command)


async def _determine(on: Attempt) -> None:
    """Try what is refused before the joint module is asked, which is not asked for this."""
    command = DetermineCase(case_of(on), WITH_PAPER, await _severity(on), PAPER, SIX_MONTHS, (PAPER,))
    await procedure.require_determinable(on.work, on.by, command)


async def _severity(on: Attempt) -> Severity:
    """Return the answer that listings require: circumstance e asks for more than the others [5.1.2]."""
    case = await on.work.cases.load(on.subject_id, on.record_id)
    is_other = case is not None and case.circumstance is Circumstance.OTHER
    return Severity.SHORT_OF_DISCIPLINE if is_other else Severity.SHORT_OF_PENALTY


def _delay(on: Attempt) -> DelayEntries:
    return DelayEntries(case_of(on), WITH_PAPER, PAPER, on.by.today + timedelta(days=on.by.longest_delay_days))


def _error(on: Attempt, remedy: Remedy) -> DiscoverError:
    items = frozenset({RecordItem.LEGAL_DOCUMENT} if remedy is Remedy.CORRECT else ())
    return DiscoverError(case_of(on), WITH_PAPER, remedy, RemovalCause.WRONG, items)


_N = ViewerStepName
CASE_STEPS: Final = StepTopic(
    (
        tried(_N.VERIFY_CASE, _verify),
        tried(_N.NOTICE_CASE, lambda on: procedure.notice(on.work, on.by, case_of(on), WITH_PAPER)),
        tried(
            _N.SERVE_CASE, lambda on: procedure.serve(on.work, on.by, case_of(on), WITH_PAPER, ServiceMeans.ON_THE_SPOT)
        ),
        tried(_N.STATE_DEFENCE, lambda on: statements.state(on.work, on.by, case_of(on), WITH_PAPER)),
        tried(_N.ENTER_STATEMENT, lambda on: _enter_statement(on, None), _enter_earliest_statement),
        tried(_N.ASSIGN_REVIEWER, lambda on: procedure.assign_reviewer(on.work, on.by, case_of(on), SOMEBODY_ELSE)),
        tried(
            _N.REVIEW_CASE,
            lambda on: procedure.review(on.work, on.by, ReviewCase(case_of(on), WITH_PAPER, ReviewOutcome.UPHELD)),
        ),
        tried(_N.DETERMINE_CASE, _determine),
        tried(_N.PUBLISH_CASE, lambda on: procedure.publish(on.work, on.by, case_of(on))),
        tried(
            _N.HAND_OVER_CASE, lambda on: procedure.hand_over(on.work, on.by, case_of(on), WITH_PAPER, SOMEBODY_ELSE)
        ),
        tried(_N.CONFIRM_TAKEN_OVER, lambda on: procedure.confirm_taken_over(on.work, on.by, case_of(on), (PAPER,))),
        tried(_N.CLAIM_RECTIFICATION, lambda on: rectification.claim(on.work, on.by, case_of(on), WITH_PAPER)),
        tried(_N.ENTER_RECTIFICATION_CLAIM, lambda on: _enter_claim(on, None), _enter_earliest_claim),
        tried(_N.REFUSE_RECTIFICATION, lambda on: rectification.refuse(on.work, on.by, case_of(on), WITH_PAPER)),
        tried(
            _N.CONFIRM_RECTIFICATION, lambda on: procedure.confirm_rectification(on.work, on.by, case_of(on), (PAPER,))
        ),
        tried(_N.REFER_CASE, lambda on: procedure.refer(on.work, on.by, case_of(on), (PAPER,))),
        tried(_N.DROP_CASE, lambda on: procedure.drop(on.work, on.by, case_of(on), WITH_PAPER)),
        tried(
            _N.REPORT_ERROR,
            lambda on: discover_error(on.work, on.by, _error(on, Remedy.CORRECT)),
            lambda on: discover_error(on.work, on.by, _error(on, Remedy.REMOVE)),
        ),
        tried(_N.DELAY_ENTRIES, lambda on: entry_delays.delay(on.work, on.by, _delay(on))),
        tried(_N.EXTEND_ENTRY_DELAY, lambda on: entry_delays.extend(on.work, on.by, _delay(on))),
        tried(_N.MARK_CONFIDENTIAL, lambda on: confidentiality.mark(on.work, on.by, case_of(on), (PAPER,))),
    ),
    load_cases,
)
"""Every step of a case but the one that finds it by its number, because nothing shows a marked case [5.1.6]."""
