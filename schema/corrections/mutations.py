"""Correcting and removing: what is found wrong or has changed is put right within two working days [5.1.4(6)].

The actions of `credit.corrections.actions` decide who may do it and what follows.
"""

from typing import Any, cast

import strawberry
from strawberry.types import Info

from credit.cases.actions.take_step import StepDetails
from credit.cases.rules.term import Term
from credit.cases.status import MONTHS
from credit.core.record_refs import CorrectionRef
from credit.corrections import actions
from credit.corrections.actions import CorrectionValues, DiscoverError
from queryplan.entities import Entity
from schema.core.context import RequestContext
from schema.core.errors import BadArgument
from schema.core.idempotency import id_of
from schema.core.inputs import STEP, case_ref, step_details
from schema.core.mutation import run_mutation
from schema.corrections.inputs import (
    CORRECTION_MADE,
    CorrectCaseInput,
    CorrectCaseResult,
    CorrectionInput,
    CorrectSubjectInput,
    CorrectSubjectResult,
    RecordRecipientToldInput,
    RecordRecipientToldResult,
    RemoveCaseInput,
    RemoveCaseResult,
    ReportErrorInput,
    ReportErrorResult,
)

LONGEST_MONTHS = 1_200
"""No law knows a longer one, and the calendar ends somewhere."""


@strawberry.type(description="Corrections and removals [5.1.4(6)].")
class CorrectingMutation:
    @strawberry.mutation(
        metadata=STEP,
        description="登记信息有误或变更：notes that a determined case holds something wrong, or something that has "
        "changed; its handler or the head does. Two working days run from that day [5.1.4(6)].",
    )
    async def report_error(self, info: Info[RequestContext, None], input: ReportErrorInput) -> ReportErrorResult:
        return await run_mutation(
            info.context,
            "report-error",
            input,
            lambda work, by: actions.discover_error(
                work,
                by,
                DiscoverError(case_ref(input), step_details(input), input.remedy, input.cause, frozenset(input.items)),
            ),
            CORRECTION_MADE,
        )

    @strawberry.mutation(
        metadata=STEP,
        description="修改：puts right whatever was found wrong, in one step: the case, who its subject is, or both. "
        "The subject is notified, and everybody who had it wrong [5.1.4(6)].",
    )
    async def correct_case(self, info: Info[RequestContext, None], input: CorrectCaseInput) -> CorrectCaseResult:
        who, term = input.particulars, _term(input)
        values = CorrectionValues(
            basis=input.basis,
            legal_document=input.legal_document,
            term=term,
            facts=input.facts,
            **({} if who is None else _particulars(who)),
        )
        return await run_mutation(
            info.context,
            "correct-case",
            input,
            lambda work, by: actions.correct(work, by, _correction_ref(input), _details_of_today(input), values),
            CORRECTION_MADE,
        )

    @strawberry.mutation(
        metadata=STEP,
        description="更正主体信息：puts right who somebody is, everywhere at once: from then on the wrong number finds "
        "nobody. Everybody who had it is notified, whichever case of the subject brought it [5.1.3] [5.1.4(6)].",
    )
    async def correct_subject(
        self, info: Info[RequestContext, None], input: CorrectSubjectInput
    ) -> CorrectSubjectResult:
        values = CorrectionValues(**_particulars(input))
        return await run_mutation(
            info.context,
            "correct-subject",
            input,
            lambda work, by: actions.correct(work, by, _correction_ref(input), _details_of_today(input), values),
            CORRECTION_MADE,
        )

    @strawberry.mutation(
        metadata=STEP,
        description="移除：takes a case off the list today. Periods that ran anew only because of a wrong one are "
        "reckoned anew; the subject is notified, and everybody who was notified of the case [5.1.4(6)] [5.1.5].",
    )
    async def remove_case(self, info: Info[RequestContext, None], input: RemoveCaseInput) -> RemoveCaseResult:
        return await run_mutation(
            info.context,
            "remove-case",
            input,
            lambda work, by: actions.remove_case(work, by, _correction_ref(input), _details_of_today(input)),
            CORRECTION_MADE,
        )

    @strawberry.mutation(
        metadata=STEP,
        description="登记已告知：notes that a recipient was notified of a correction on paper or in person. The outbox "
        "relay records its own deliveries. The last one completes the correction [5.1.4(6)].",
    )
    async def record_recipient_told(
        self, info: Info[RequestContext, None], input: RecordRecipientToldInput
    ) -> RecordRecipientToldResult:
        subject_id, telling_id = cast("Any", id_of(input.telling, Entity.CORRECTION_TELLING).keys)
        return await run_mutation(
            info.context,
            "record-recipient-told",
            input,
            lambda work, by: actions.record_recipient_notified(work, by, subject_id, telling_id, step_details(input)),
            CORRECTION_MADE,
        )


def _correction_ref(given: CorrectionInput) -> CorrectionRef:
    subject_id, correction_id = cast("Any", id_of(given.correction, Entity.CORRECTION).keys)
    return CorrectionRef(subject_id, correction_id, given.expected_version)


def _details_of_today(given: Any) -> StepDetails:  # noqa: ANN401 - as above: what changes the list counts from today
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
