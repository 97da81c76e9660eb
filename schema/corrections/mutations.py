"""Correcting and removing: what is found wrong or has changed is put right within two working days [5.1.4(6)].

The actions of `credit.corrections.actions` decide who may do it and what follows.
"""

from contextlib import suppress
from typing import Any

import strawberry

from consent.leaves.number_lookups import Entrance
from credit.core.errors import CreditError
from credit.core.record_refs import CorrectionRef
from credit.core.values.identifiers import IdentifierKind, parse_identifier
from credit.corrections import actions
from credit.corrections.actions import CorrectionValues, DiscoverError
from queryplan.entities import Entity
from schema.core.context import Info
from schema.core.global_ids import record_ids_of
from schema.core.inputs import case_ref, details_of_today, step_details, term_of
from schema.core.mutations.mutation import RecordMutation, run_mutation, step_mutation
from schema.core.mutations.refusals import NumberOfAnother
from schema.core.ports import TriedNumber
from schema.corrections.inputs import (
    CORRECTION_MADE,
    CorrectCaseInput,
    CorrectCaseResult,
    CorrectionInput,
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


def _correction_ref(given: CorrectionInput) -> CorrectionRef:
    return CorrectionRef(*record_ids_of(given.correction, Entity.CORRECTION), given.expected_version)


report_case_error = RecordMutation(case_ref, CORRECTION_MADE)
change_correction = RecordMutation(_correction_ref, CORRECTION_MADE)


@strawberry.type(description="Corrections and removals [5.1.4(6)].")
class CorrectingMutation:
    @step_mutation(
        "登记信息有误或变更：notes that a determined case holds something wrong, or something that has "
        "changed; its handler or the head does. Two working days run from that day [5.1.4(6)]."
    )
    async def report_error(self, info: Info, input: ReportErrorInput) -> ReportErrorResult:
        return await report_case_error(
            info,
            input,
            lambda work, by, which: actions.discover_error(
                work, by, DiscoverError(which, step_details(input), input.remedy, input.cause, frozenset(input.items))
            ),
        )

    @step_mutation(
        "修改：puts right whatever was found wrong, in one step: the case, who its subject is, or both. "
        "The subject is notified, and everybody who had it wrong [5.1.4(6)]."
    )
    async def correct_case(self, info: Info, input: CorrectCaseInput) -> CorrectCaseResult:
        who = input.particulars
        values = CorrectionValues(
            basis=input.basis,
            legal_document=input.legal_document,
            term=term_of(input),
            facts=input.facts,
            **({} if who is None else _particulars(who)),
        )
        return await _correct(info, input, values)

    @step_mutation(
        "更正主体信息：puts right who somebody is, everywhere at once: from then on the wrong number finds "
        "nobody. Everybody who had it is notified, whichever case of the subject brought it [5.1.3] [5.1.4(6)]."
    )
    async def correct_subject(self, info: Info, input: CorrectSubjectInput) -> CorrectSubjectResult:
        values = CorrectionValues(**_particulars(input))
        return await _correct(info, input, values)

    @step_mutation(
        "移除：takes a case off the list today. Periods that ran anew only because of a wrong one are "
        "reckoned anew; the subject is notified, and everybody who was notified of the case [5.1.4(6)] [5.1.5]."
    )
    async def remove_case(self, info: Info, input: RemoveCaseInput) -> RemoveCaseResult:
        return await change_correction(info, input, actions.remove_case, details_of_today(input))

    @step_mutation(
        "登记已告知：notes that a recipient was notified of a correction on paper or in person. The outbox "
        "relay records its own deliveries. The last one completes the correction [5.1.4(6)]."
    )
    async def record_recipient_told(self, info: Info, input: RecordRecipientToldInput) -> RecordRecipientToldResult:
        subject_id, telling_id = record_ids_of(input.telling, Entity.CORRECTION_TELLING)
        return await run_mutation(
            info, input, CORRECTION_MADE, actions.record_recipient_notified, subject_id, telling_id, step_details(input)
        )


async def _correct(info: Info, given: CorrectCaseInput | CorrectSubjectInput, values: CorrectionValues) -> Any:  # noqa: ANN401 - a member of the mutation's union
    """Correct, and count and record the right number like a search: the refusal NUMBER_TAKEN tells of somebody."""
    lookups, actor, number = info.context.lookups, info.context.actor, _well_formed(values.number)
    if number is None:
        return await change_correction(info, given, actions.correct, details_of_today(given), values)
    await lookups.admit(actor, Entrance.CORRECTION, 1)
    done = await change_correction(info, given, actions.correct, details_of_today(given), values)
    if isinstance(done, CorrectionMade | NumberOfAnother):
        tried = TriedNumber(number, isinstance(done, NumberOfAnother))
        await lookups.record(actor, info.context.purpose, Entrance.CORRECTION, [tried])
    return done


def _well_formed(number: str | None) -> str | None:
    """Return the normal form of a number; None for one that will be refused. Its kind is that of its subject."""
    for kind in IdentifierKind if number is not None else ():
        with suppress(CreditError):
            return parse_identifier(kind, str(number)).text
    return None


def _particulars(given: Any) -> dict[str, Any]:  # noqa: ANN401 - either input with particulars
    return {name: getattr(given, name) for name in ("name", "number", "address", "phone")}
