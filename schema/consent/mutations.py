"""Changes an authorisation: asked, offered, given, narrowed, refused, withdrawn, contested, decided [4.1] [5.1.6]."""

from typing import Any

import strawberry

from consent import authorisation
from consent.authorisations import actions
from consent.rules import Bounds, Letter, Paper
from consent.templates import Templates
from consent.vocabulary import FieldGroup, Purpose
from credit.applications.actions import application_of
from credit.core.context import ActionContext
from policy.actors import Role
from queryplan.entities import Entity
from schema.consent.authorisation_inputs import (
    AuthorisationInput,
    DecideContestInput,
    EnterAuthorisationContestInput,
    EnterAuthorisationNarrowingInput,
    EnterAuthorisationRefusalInput,
    EnterAuthorisationWithdrawalInput,
    GrantAuthorisationInput,
    NarrowAuthorisationInput,
    OfferAuthorisationInput,
    RecordPaperAuthorisationInput,
    RequestAuthorisationInput,
)
from schema.consent.authorisation_results import (
    AUTHORISATION_CHANGED,
    REFUSAL_ENTERED,
    ConfirmPaperAuthorisationResult,
    ContestAuthorisationResult,
    DecideContestResult,
    EnterAuthorisationContestResult,
    EnterAuthorisationNarrowingResult,
    EnterAuthorisationRefusalResult,
    EnterAuthorisationWithdrawalResult,
    GrantAuthorisationResult,
    NarrowAuthorisationResult,
    OfferAuthorisationResult,
    RecordPaperAuthorisationResult,
    RefuseAuthorisationResult,
    RequestAuthorisationResult,
    WithdrawAuthorisationResult,
)
from schema.core.context import Info, RequestContext
from schema.core.global_ids import record_ids_of, subject_id_of
from schema.core.inputs import application_ref
from schema.core.mutations.mutation import run_mutation, step_mutation
from schema.core.ports import CommittingWork
from schema.execution.named_person import require_known


@strawberry.type(description="Authorisations, from request to withdrawal [5.1.6].")
class AuthorisationMutation:
    @strawberry.mutation(
        description="请求授权：asks a subject for an authorisation; the subject is notified [4.1] [5.1.6]."
    )
    async def request_authorisation(self, info: Info, input: RequestAuthorisationInput) -> RequestAuthorisationResult:
        return await run_mutation(info, input, AUTHORISATION_CHANGED, _request, info.context, input)

    @strawberry.mutation(description="登记纸质授权：records consent given on paper; the subject is notified [5.1.6].")
    async def record_paper_authorisation(
        self, info: Info, input: RecordPaperAuthorisationInput
    ) -> RecordPaperAuthorisationResult:
        return await run_mutation(info, input, AUTHORISATION_CHANGED, _record_paper, info.context, input)

    @strawberry.mutation(
        description="主动授权：offers an authorisation for one's own undecided application to the department that "
        "handles it; nobody has to ask first [5.1.6]."
    )
    async def offer_authorisation(self, info: Info, input: OfferAuthorisationInput) -> OfferAuthorisationResult:
        return await run_mutation(info, input, AUTHORISATION_CHANGED, _offer, info.context.templates, input)

    @step_mutation(
        "确认纸质授权：confirms, as a second person, a paper that was recorded after the subject contested one; until "
        "then it opens nothing. The head of the department or the district office confirms, never who recorded it "
        "[5.1.6]."
    )
    async def confirm_paper_authorisation(
        self, info: Info, input: AuthorisationInput
    ) -> ConfirmPaperAuthorisationResult:
        ids = _authorisation(input)
        return await run_mutation(info, input, AUTHORISATION_CHANGED, actions.confirm_paper_authorisation, **ids)

    @step_mutation(
        "处理对纸质授权的异议：decides whether the subject had given a contested paper. The head of the department or "
        "the district office decides, never who recorded it. The paper opens nothing either way [5.1.6]."
    )
    async def decide_contest(self, info: Info, input: DecideContestInput) -> DecideContestResult:
        decided = {"finding": input.finding, "evidence": input.evidence, **_authorisation(input)}
        return await run_mutation(info, input, AUTHORISATION_CHANGED, actions.decide_contest, **decided)

    @strawberry.mutation(
        description="同意授权：says yes to a request, whole or to less of it; also to one that was refused, while its "
        "last day has not passed. For a child under 14 and an adult under guardianship a recorded guardian says it "
        "[5.1.6]."
    )
    async def grant_authorisation(self, info: Info, input: GrantAuthorisationInput) -> GrantAuthorisationResult:
        templates, ids = info.context.templates, _authorisation(input)
        shown: dict[str, Any] = {"notice": input.notice, "must_be_shown": info.context.notice_required}
        return await run_mutation(
            info,
            input,
            AUTHORISATION_CHANGED,
            lambda work, by: actions.grant_authorisation(work, by, templates, bounds=_bounds(input), **shown, **ids),
        )

    @strawberry.mutation(description="缩小授权：leaves less of a live authorisation [5.1.6].")
    async def narrow_authorisation(self, info: Info, input: NarrowAuthorisationInput) -> NarrowAuthorisationResult:
        templates, ids = info.context.templates, _authorisation(input)
        return await run_mutation(
            info,
            input,
            AUTHORISATION_CHANGED,
            lambda work, by: actions.narrow_authorisation(work, by, templates, bounds=_bounds(input), **ids),
        )

    @strawberry.mutation(
        description="拒绝授权：says no to a request. The ordinary service goes on; nobody is notified [5.1.6]."
    )
    async def refuse_authorisation(self, info: Info, input: AuthorisationInput) -> RefuseAuthorisationResult:
        ids = _authorisation(input)
        return await run_mutation(info, input, AUTHORISATION_CHANGED, actions.refuse_authorisation, **ids)

    @strawberry.mutation(description="撤回授权：ends an authorisation at once, as easily as it was given [5.1.6].")
    async def withdraw_authorisation(self, info: Info, input: AuthorisationInput) -> WithdrawAuthorisationResult:
        ids = _authorisation(input)
        return await run_mutation(info, input, AUTHORISATION_CHANGED, actions.withdraw_authorisation, **ids)

    @strawberry.mutation(
        description="登记书面撤回授权：an officer of the recipient enters a withdrawal that came on paper. It opens "
        "nothing from this moment on and counts as ended from the day of posting; the subject is notified [5.1.6]."
    )
    async def enter_authorisation_withdrawal(
        self, info: Info, input: EnterAuthorisationWithdrawalInput
    ) -> EnterAuthorisationWithdrawalResult:
        act, ids = actions.withdraw_authorisation, _authorisation(input)
        return await run_mutation(info, input, AUTHORISATION_CHANGED, act, _letter(input), **ids)

    @strawberry.mutation(
        description="登记书面缩小授权：an officer of the recipient enters a narrowing that came on paper. It holds "
        "from this moment on; the subject is notified [5.1.6]."
    )
    async def enter_authorisation_narrowing(
        self, info: Info, input: EnterAuthorisationNarrowingInput
    ) -> EnterAuthorisationNarrowingResult:
        templates, letter, ids = info.context.templates, _letter(input), _authorisation(input)
        return await run_mutation(
            info,
            input,
            AUTHORISATION_CHANGED,
            lambda work, by: actions.narrow_authorisation(work, by, templates, letter, bounds=_bounds(input), **ids),
        )

    @strawberry.mutation(
        description="登记书面拒绝授权：an officer of the recipient enters a refusal that came on paper. The ordinary "
        "service goes on, and only the subject is notified. It can be entered of a request that was refused before, so "
        "that trying tells nobody of a refusal [5.1.6]."
    )
    async def enter_authorisation_refusal(
        self, info: Info, input: EnterAuthorisationRefusalInput
    ) -> EnterAuthorisationRefusalResult:
        act, ids = actions.refuse_authorisation, _authorisation(input)
        return await run_mutation(info, input, REFUSAL_ENTERED, act, _letter(input), **ids)

    @strawberry.mutation(
        description="登记对纸质授权的书面异议：an officer of the recipient enters that the subject contests a recorded "
        "paper. The paper opens nothing from this moment on; the subject is notified. Who enters it does not decide on "
        "it [5.1.6]."
    )
    async def enter_authorisation_contest(
        self, info: Info, input: EnterAuthorisationContestInput
    ) -> EnterAuthorisationContestResult:
        act, ids = actions.contest_authorisation, _authorisation(input)
        return await run_mutation(info, input, AUTHORISATION_CHANGED, act, _letter(input), **ids)

    @strawberry.mutation(
        description="对纸质授权提出异议：says that an authorisation recorded from paper was never given; it opens "
        "nothing from this moment on [5.1.6]."
    )
    async def contest_authorisation(self, info: Info, input: AuthorisationInput) -> ContestAuthorisationResult:
        ids = _authorisation(input)
        return await run_mutation(info, input, AUTHORISATION_CHANGED, actions.contest_authorisation, **ids)


async def _request(
    work: CommittingWork, by: ActionContext, context: RequestContext, given: RequestAuthorisationInput
) -> authorisation.Authorisation:
    return await actions.request_authorisation(work, by, context.templates, **await _terms(work, by, context, given))


async def _offer(
    work: CommittingWork, by: ActionContext, templates: Templates, given: OfferAuthorisationInput
) -> authorisation.Authorisation:
    subject_id, application_id = record_ids_of(given.application, Entity.APPLICATION)
    return await actions.offer_authorisation(
        work,
        by,
        templates,
        subject_id=subject_id,
        application_id=application_id,
        purpose=given.purpose,
        bounds=_bounds(given),
    )


async def _record_paper(
    work: CommittingWork, by: ActionContext, context: RequestContext, given: RecordPaperAuthorisationInput
) -> authorisation.Authorisation:
    terms = await _terms(work, by, context, given)
    return await actions.record_paper_authorisation(
        work, by, context.templates, paper=Paper(given.evidence, given.signed_on), **terms
    )


async def _terms(
    work: CommittingWork,
    by: ActionContext,
    context: RequestContext,
    given: Any,  # noqa: ANN401 - either input
) -> dict[str, Any]:
    """Return what is asked of whom: subject, purpose, bounds and the application that it is for.

    A clerk asks whom the window serves: an applicant, or somebody whom it has just put on record [4.1].
    """
    subject_id = subject_id_of(given.subject)
    which = None if given.application is None else application_ref(given)
    if which is None and context.actor.role is Role.CLERK:
        await require_known(context, work, subject_id, purpose=Purpose.APPLICATION_HANDLING)
    return {
        "subject_id": subject_id,
        "purpose": given.purpose,
        "bounds": _bounds(given),
        "application_id": await application_of(work, by.actor, subject_id, which),
    }


def _authorisation(given: AuthorisationInput | EnterAuthorisationRefusalInput) -> dict[str, Any]:
    subject_id, authorisation_id = record_ids_of(given.authorisation, Entity.AUTHORISATION)
    ids = {"subject_id": subject_id, "authorisation_id": authorisation_id}
    return (
        ids if isinstance(given, EnterAuthorisationRefusalInput) else ids | {"expected_version": given.expected_version}
    )


def _letter(given: Any) -> Letter:  # noqa: ANN401 - any of the inputs of a letter
    return Letter(given.evidence, given.on)


def _bounds(given: Any) -> Bounds:  # noqa: ANN401 - any of the inputs with bounds
    groups = None if given.scope is None else FieldGroup(sum(FieldGroup[one.name] for one in set(given.scope)))
    return Bounds(groups, given.expires_on, given.uses)
