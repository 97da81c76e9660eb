"""The steps of authorisations, delegations and duties to delete, as each is tried: what `viewerCan` tells [5.1.6]."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

from consent.authorisation import Authorisation, ContestFinding
from consent.authorisations import actions
from consent.authorisations.callers import AuthorisationKey
from consent.delegation import GuardianshipFinding
from consent.delegation_actions import contest_guardianship, decide_guardianship, end_delegation
from consent.deletions.actions import acknowledge_deletion
from consent.deletions.deletion_duty import DeletionOutcome
from consent.rules import AS_IT_STANDS, Bounds, Letter
from schema.core.viewer_steps.loads import load_authorisations, load_delegations, load_duties
from schema.core.viewer_steps.step_names import ViewerStepName
from schema.core.viewer_steps.topics import PAPER, Attempt, StepTopic, tried


def _which(on: Attempt) -> AuthorisationKey:
    return {"subject_id": on.subject_id, "authorisation_id": on.record_id}


def _delegation(on: Attempt) -> dict[str, Any]:
    return {"subject_id": on.subject_id, "delegation_id": on.record_id}


def _letter(on: Attempt) -> Letter:
    return Letter(PAPER, on.by.today)


async def _narrow(on: Attempt, less: Callable[[Authorisation], Bounds], letter: Letter | None = None) -> object:
    given = await on.work.authorisations.load(on.subject_id, on.record_id)
    bounds = AS_IT_STANDS if given is None else less(given)
    return await actions.narrow_authorisation(on.work, on.by, on.templates, letter, bounds=bounds, **_which(on))


def _for_less_time(given: Authorisation) -> Bounds:
    return Bounds(expires_on=given.expires_on - timedelta(days=1))


def _for_fewer_uses(given: Authorisation) -> Bounds:
    return Bounds(uses=given.uses_allowed - 1)


_N = ViewerStepName
AUTHORISATION_STEPS: Final = StepTopic(
    (
        tried(
            _N.GRANT_AUTHORISATION, lambda on: actions.grant_authorisation(on.work, on.by, on.templates, **_which(on))
        ),
        tried(_N.NARROW_AUTHORISATION, lambda on: _narrow(on, _for_less_time), lambda on: _narrow(on, _for_fewer_uses)),
        tried(_N.REFUSE_AUTHORISATION, lambda on: actions.refuse_authorisation(on.work, on.by, **_which(on))),
        tried(_N.WITHDRAW_AUTHORISATION, lambda on: actions.withdraw_authorisation(on.work, on.by, **_which(on))),
        tried(_N.CONTEST_AUTHORISATION, lambda on: actions.contest_authorisation(on.work, on.by, **_which(on))),
        tried(
            _N.ENTER_AUTHORISATION_NARROWING,
            lambda on: _narrow(on, _for_less_time, _letter(on)),
            lambda on: _narrow(on, _for_fewer_uses, _letter(on)),
        ),
        tried(
            _N.ENTER_AUTHORISATION_REFUSAL,
            lambda on: actions.refuse_authorisation(on.work, on.by, _letter(on), **_which(on)),
        ),
        tried(
            _N.ENTER_AUTHORISATION_WITHDRAWAL,
            lambda on: actions.withdraw_authorisation(on.work, on.by, _letter(on), **_which(on)),
        ),
        tried(
            _N.ENTER_AUTHORISATION_CONTEST,
            lambda on: actions.contest_authorisation(on.work, on.by, _letter(on), **_which(on)),
        ),
        tried(
            _N.CONFIRM_PAPER_AUTHORISATION, lambda on: actions.confirm_paper_authorisation(on.work, on.by, **_which(on))
        ),
        tried(
            _N.DECIDE_CONTEST,
            lambda on: actions.decide_contest(
                on.work, on.by, finding=ContestFinding.GIVEN, evidence=PAPER, **_which(on)
            ),
        ),
    ),
    load_authorisations,
)
"""The steps of an authorisation, by its subject, the officers of its recipient, and who decides on its paper."""
DELEGATION_STEPS: Final = StepTopic(
    (
        tried(_N.END_DELEGATION, lambda on: end_delegation(on.work, on.by, evidence=(PAPER,), **_delegation(on))),
        tried(_N.CONTEST_GUARDIANSHIP, lambda on: contest_guardianship(on.work, on.by, **_delegation(on))),
        tried(
            _N.ENTER_GUARDIANSHIP_CONTEST,
            lambda on: contest_guardianship(on.work, on.by, _letter(on), **_delegation(on)),
        ),
        tried(
            _N.DECIDE_GUARDIANSHIP,
            lambda on: decide_guardianship(
                on.work, on.by, finding=GuardianshipFinding.HOLDS, evidence=(PAPER,), **_delegation(on)
            ),
        ),
    ),
    load_delegations,
)
"""The steps of a delegation."""
DELETION_STEPS: Final = StepTopic(
    (
        tried(
            _N.ACKNOWLEDGE_DELETION,
            lambda on: acknowledge_deletion(
                on.work, on.by, DeletionOutcome.DELETED, None, subject_id=on.subject_id, duty_id=on.record_id
            ),
        ),
    ),
    load_duties,
)
"""The step of a duty to delete."""
