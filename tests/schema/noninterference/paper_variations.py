"""What may differ of acts on paper, which an officer enters: who may notice, and the clauses that say so.

The acts are carried out by their own actions. What is on paper is noticed by those who notice the act online, and by
who keeps the record; a refusal by its subject alone, although an officer entered it.
"""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from consent.authorisations import actions as consent_actions
from consent.rules import Bounds, Letter
from consent.templates import catalogue
from credit.applications import actions as application_actions
from credit.cases.actions import rectification
from credit.cases.actions.take_step import StepDetails
from credit.core.context import Caller
from credit.core.evidence_files import FileRecord
from credit.core.late_entries import Means
from credit.core.record_refs import ApplicationRef, CaseRef
from credit.promises.settle import resume_promises, settle_promises
from queryplan.entities import Entity
from tests.action_context import action_context
from tests.builders import ACTORS, NOW, SCJG, TODAY, ask_for
from tests.schema.noninterference.changes import APPLICANT, Change, Variation, Vary
from tests.schema.noninterference.observers import (
    AUDITOR,
    CLERK,
    COMPANY_1,
    CREDIT_CHECK,
    DEPARTMENT,
    OFFICE,
    PERSON_1,
    PERSON_2,
    PLATFORM,
    REVIEWER,
    SUPERVISORS,
    WINDOW,
)
from tests.storage import rows
from tests.work_of_adults import WorkOfAdults

EVIDENCE = "来信-1"
POSTED = TODAY - timedelta(days=1)
LETTER, DETAILS = Letter(EVIDENCE, POSTED), StepDetails(POSTED, (EVIDENCE,))
CONTESTABLE, WITHDRAWN = "paper that is over", "withdrawn on paper"

Act = Callable[[Any, Any], Awaitable[object]]


async def prepare_papers(change: Change) -> None:
    """Add a paper of consent that is over, and an application that was withdrawn on paper: in all databases alike."""
    asked_at, world = NOW - timedelta(days=9), change.world
    bounds = Bounds(expires_on=TODAY - timedelta(days=5), uses=3)
    world.held[f"authorisation {CONTESTABLE}"] = await ask_for(
        change.database, world, world.party("person-1"), bounds, at=asked_at, paper=True
    )
    await change.record(
        f"application {WITHDRAWN}", Entity.APPLICATION, APPLICANT,
        rows.application("one", "one", matter_code="SCJG-01", department_code=SCJG, clerk_ref="clerk-1",
                         filed_at=NOW - timedelta(days=4)),
    )  # fmt: skip
    await _enter(change, "clerk", _withdraw(change, WITHDRAWN))


async def _enter(change: Change, who: str, act: Act) -> None:
    actor = ACTORS[who]
    by = Caller(actor.ref, actor.role.value, actor.department)
    async with WorkOfAdults(change.database) as work:
        await act(work, action_context(NOW, change.world.new_id, actor=by))
        await work.commit()


def _withdraw(change: Change, name: str) -> Act:
    which = _application(change, name)
    return lambda work, by: application_actions.withdraw(work, by, which, settle_promises, DETAILS, Means.PAPER)


def _application(change: Change, name: str) -> ApplicationRef:
    held = change.world.application(name)
    return ApplicationRef(held.subject_id, held.row_id)


def _answered(state: str, whose: str, act: Callable[..., Awaitable[object]], *before: object, **more: object) -> Vary:
    """Enter a letter about an authorisation, with its file."""

    async def vary(change: Change) -> None:
        held = change.world.authorisation(state)
        which = {"subject_id": held.subject_id, "authorisation_id": held.row_id}
        await _enter(change, "clerk", lambda work, by: act(work, by, *before, LETTER, **more, **which))
        await change.file(f"letter about {state}", whose, FileRecord.AUTHORISATION, held.row_id, by="clerk")

    return vary


async def _withdrawn(change: Change) -> None:
    await _enter(change, "clerk", _withdraw(change, "of person-1"))


async def _contested(change: Change) -> None:
    which = _application(change, WITHDRAWN)
    contest = application_actions.contest_withdrawal
    today = StepDetails(TODAY, (EVIDENCE,))
    await _enter(change, "handler", lambda work, by: contest(work, by, which, resume_promises, today, Means.PAPER))


async def _claimed(change: Change) -> None:
    case = change.world.case("in-force")
    which = CaseRef(case.subject_id, case.case_id, None)
    await _enter(change, "handler", lambda work, by: rectification.claim(work, by, which, DETAILS, Means.PAPER))


def _objected(name: str, to: str, by: str) -> Vary:
    """Add an objection that an officer of the department entered."""

    async def vary(change: Change) -> None:
        actor, world = ACTORS[by], change.world
        is_case = to in world.cases
        record_id = world.case(to).case_id if is_case else world.application(to).row_id
        own = {
            "record": "RESTRAINT_CASE" if is_case else "APPLICATION", "record_id": record_id,
            "case_id": record_id if is_case else None, "department_code": SCJG, "raised_by": actor.ref,
            "raised_as": actor.role.value, "raised_on": POSTED, "evidence": EVIDENCE,
            "late_entries": {"OBJECTED": {"on": POSTED.isoformat(), "recorded_on": TODAY.isoformat()}},
        }  # fmt: skip
        await change.record(name, Entity.OBJECTION, "person-1", rows.objection("one", "one", "case"), **own)
        row_id = world.held[name].row_id
        await change.file(f"letter of {name}", "person-1", FileRecord.OBJECTION, row_id, by=actor.role.value)

    return vary


COUNTED_LATE = OFFICE | {"head SUPERVISION"}
"""The figures of the year count a letter that is entered later than on its own day, whatever it is about [6.1]."""
PAPERS = (
    # An officer entered it: to everybody but its subject it still looks like a request that nobody has answered.
    Variation("a request that was refused on paper", "5.1.6", PERSON_2,
              _answered("requested", "person-2", consent_actions.refuse_authorisation)),
    Variation("an authorisation narrowed on paper", "5.1.6 6.1", CREDIT_CHECK | COMPANY_1 | AUDITOR | COUNTED_LATE,
              _answered("live", "company-1", consent_actions.narrow_authorisation, catalogue(), bounds=Bounds(uses=4))),
    Variation("an authorisation withdrawn on paper", "5.1.6 6.1", CREDIT_CHECK | COMPANY_1 | AUDITOR | COUNTED_LATE,
              _answered("live", "company-1", consent_actions.withdraw_authorisation)),
    # Who decides on it sees it with its file.
    Variation("a paper authorisation contested on paper", "5.1.6",
              CREDIT_CHECK | PERSON_1 | AUDITOR | OFFICE | {"head SUPERVISION"},
              _answered(CONTESTABLE, "person-1", consent_actions.contest_authorisation)),
    Variation("an application withdrawn on paper", "4.2 5.1.6 6.1",
              WINDOW | PERSON_1 | OFFICE | {"head SUPERVISION"}, _withdrawn),
    Variation("a withdrawal contested on paper", "4.2 5.1.6", WINDOW, _contested),
    # As one made online; figures count its late entry.
    Variation("a claim of rectification on paper", "5.1.5 5.2.2 6.1",
              DEPARTMENT | REVIEWER | OFFICE | PERSON_1 | SUPERVISORS | PLATFORM, _claimed),
    Variation("an objection to a case on paper", "5.1.4(6) 6.1",
              (DEPARTMENT - {"other handler DETERMINATION"}) | OFFICE | PERSON_1,
              _objected("objection on paper", "in-force", "handler")),
    # At the window who entered it sees that it is there: another objection would tell it of a case. It keeps an
    # application open that was withdrawn, for all who handle it.
    Variation("an objection to an application on paper", "5.1.4(6) 6.1",
              CLERK | {"head DETERMINATION", "head SUPERVISION"} | OFFICE | PERSON_1,
              _objected("objection at the window", "of person-1", "clerk"), widens=WINDOW),
)  # fmt: skip
