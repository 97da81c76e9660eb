"""Correcting and removing: what is found wrong or has changed is put right within two working days [5.1.4(6)].

Who may, and what follows, is decided by `credit.corrections.actions`; what was changed is read back by the guarded
road.
"""

from typing import Any, cast
from uuid import UUID

import strawberry
from strawberry.types import Info

from credit.cases.actions.take_step import StepDetails
from credit.cases.rules.term import Term
from credit.cases.status import MONTHS
from credit.core.record_refs import CorrectionRef
from credit.corrections import actions
from credit.corrections.actions import CorrectionValues, DiscoverError
from credit.corrections.correction import Correction as Made
from queryplan.entities import Entity
from schema.core.context import RequestContext
from schema.core.errors import BadArgument
from schema.core.idempotency import id_of
from schema.core.inputs import STEP, said_of, which_of
from schema.core.ports import CommittingWork
from schema.corrections.inputs import (
    CorrectCaseInput,
    CorrectCaseResult,
    CorrectionMade,
    CorrectSubjectInput,
    CorrectSubjectResult,
    RecordRecipientToldInput,
    RecordRecipientToldResult,
    RemoveCaseInput,
    RemoveCaseResult,
    ReportErrorInput,
    ReportErrorResult,
)
from schema.corrections.run_step import hear

LONGEST_MONTHS = 1_200
"""No law knows a longer one, and the calendar ends somewhere."""


@strawberry.type(description="Corrections and removals [5.1.4(6)].")
class CorrectingMutation:
    @strawberry.mutation(
        metadata=STEP,
        description="登记信息有误或变更：notes that a determined case holds something wrong, or something that has "
        "changed; its handler or the head does. Two working days run from that day [5.1.4(6)].",
    )
    async def report_error(
        self,
        info: Info[RequestContext, None],
        input: ReportErrorInput,  # noqa: A002 - the usual name
    ) -> ReportErrorResult:
        context, given = info.context, input

        async def act(work: CommittingWork) -> Made:
            return await actions.discover_error(
                work,
                context.action,
                DiscoverError(which_of(given), said_of(given), given.remedy, given.cause, frozenset(given.items)),
            )

        return await _made(context, "report-error", given, act)

    @strawberry.mutation(
        metadata=STEP,
        description="修改：puts right whatever was found wrong, in one step: the case, who its subject is, or both. "
        "The subject is told, and everybody who had it wrong [5.1.4(6)].",
    )
    async def correct_case(
        self,
        info: Info[RequestContext, None],
        input: CorrectCaseInput,  # noqa: A002 - as above
    ) -> CorrectCaseResult:
        context, given = info.context, input
        who = given.particulars
        mend = CorrectionValues(
            basis=given.basis,
            legal_document=given.legal_document,
            term=_term(given),
            facts=given.facts,
            **({} if who is None else _particulars(who)),
        )
        return await _correct(context, "correct-case", given, mend)

    @strawberry.mutation(
        metadata=STEP,
        description="更正主体信息：puts right who somebody is, everywhere at once: from then on the wrong number finds "
        "nobody. All are told who had it, with whichever case of the subject they had it [5.1.3] [5.1.4(6)].",
    )
    async def correct_subject(
        self,
        info: Info[RequestContext, None],
        input: CorrectSubjectInput,  # noqa: A002 - as above
    ) -> CorrectSubjectResult:
        return await _correct(info.context, "correct-subject", input, CorrectionValues(**_particulars(input)))

    @strawberry.mutation(
        metadata=STEP,
        description="移除：takes a case off the list today. Periods that ran anew only because of a wrong one are "
        "reckoned anew; the subject is told, and everybody who was told of the case [5.1.4(6)] [5.1.5].",
    )
    async def remove_case(
        self,
        info: Info[RequestContext, None],
        input: RemoveCaseInput,  # noqa: A002 - as above
    ) -> RemoveCaseResult:
        context, given = info.context, input

        async def act(work: CommittingWork) -> Made:
            return await actions.remove_case(work, context.action, _which(given), _said(given))

        return await _made(context, "remove-case", given, act)

    @strawberry.mutation(
        metadata=STEP,
        description="登记已告知：notes that a recipient was told of a correction on paper or in person. What the "
        "courier carries, it notes itself. The last one completes the correction [5.1.4(6)].",
    )
    async def record_recipient_told(
        self,
        info: Info[RequestContext, None],
        input: RecordRecipientToldInput,  # noqa: A002 - as above
    ) -> RecordRecipientToldResult:
        context, given = info.context, input
        subject_id, telling_id = cast("Any", id_of(given.telling, Entity.CORRECTION_TELLING).keys)

        async def act(work: CommittingWork) -> Made:
            return await actions.record_recipient_told(work, context.action, subject_id, telling_id, said_of(given))

        return await _made(context, "record-recipient-told", given, act)


async def _correct(context: RequestContext, action: str, given: Any, mend: CorrectionValues) -> Any:  # noqa: ANN401 - either input, either union
    async def act(work: CommittingWork) -> Made:
        return await actions.correct(work, context.action, _which(given), _said(given), mend)

    return await _made(context, action, given, act)


async def _made(context: RequestContext, action: str, given: Any, act: Any) -> Any:  # noqa: ANN401 - as above
    """Carry out *act* once; the correction is read back, refusals become members of the union."""

    async def ids(work: CommittingWork) -> tuple[UUID, UUID]:
        made: Made = await act(work)
        return made.subject_id, made.correction_id

    return await hear(context, action, given, ids, lambda keys: CorrectionMade(correction=keys))  # type: ignore[arg-type]  # its keys, until it is read back


def _which(given: Any) -> CorrectionRef:  # noqa: ANN401 - any of the inputs that name a correction
    subject_id, correction_id = cast("Any", id_of(given.correction, Entity.CORRECTION).keys)
    return CorrectionRef(subject_id, correction_id, given.expected_version)


def _said(given: Any) -> StepDetails:  # noqa: ANN401 - as above: what changes the list counts from today
    return StepDetails(None, tuple(given.evidence))


def _particulars(given: Any) -> dict[str, Any]:  # noqa: ANN401 - either input with particulars
    return {name: getattr(given, name) for name in ("name", "number", "address", "phone")}


def _term(given: CorrectCaseInput) -> Term | None:
    """Return the right term, if another is given; raises BadArgument for one that is none."""
    if given.until is not None and given.months is not None:
        raise BadArgument(argument="until")
    if given.until is not None:
        return Term(None, given.until, given.citation)
    if given.months is None and given.citation is None:
        return None
    months = MONTHS if given.months is None else given.months
    if not 1 <= months <= LONGEST_MONTHS:
        raise BadArgument(argument="months")
    return Term(months, citation=given.citation)
