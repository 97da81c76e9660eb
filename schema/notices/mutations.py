"""Issuing the documents of a case: facts through the guard, made outside every transaction, and on record [A]."""

from typing import Annotated, Final, Self

import strawberry

from credit.cases.case import ReviewOutcome, ServiceMeans
from credit.core.record_refs import CaseRef
from credit.notices import actions, issued_notice
from credit.notices.actions import IssueNotice
from credit.notices.facts import NoticeKind, draft
from credit.notices.refusals import CannotBePrinted, CannotBeSigned, FactMissing, TemplateUnfit
from queryplan.entities import Entity
from schema.core.context import Info, RequestContext
from schema.core.fields import read_back
from schema.core.inputs import CaseInput, case_ref, mutation_input
from schema.core.mutations.mutation import MutationResult, or_refusal, record_result, request_key, run_once
from schema.core.mutations.refusals import Lacking, OutOfTurn, Refusal, StepRefused, refusal_type
from schema.execution.named_person import record_name
from schema.notices.facts import gather
from schema.notices.types import IssuedNotice


@mutation_input(description="制作文书：issues a document of a case; the same number is the same document [A].")
class IssueNoticeInput(CaseInput):
    kind: NoticeKind = strawberry.field(description="文书种类：which document.")
    number: str | None = strawberry.field(
        default=None,
        description="文号：the authority's own number. By default a determination bears the number of its legal "
        "document, and a receipt or a certificate that of what it is about. Subjects give none.",
    )
    document: NoticeKind = strawberry.field(
        default=NoticeKind.NOTICE, description="For a receipt of service: of which document [5.1.4(2)]."
    )
    document_number: str | None = strawberry.field(
        default=None,
        description="The number of the document that it refers to (the one served, or the notice before the decision), "
        "where that was not issued here. Default: the last one of the case.",
    )
    means: ServiceMeans | None = strawberry.field(
        default=None, description="For a receipt of service: the means. Default: as recorded with the case."
    )
    postal_number: str | None = strawberry.field(default=None, description="The number of the postal item, if posted.")
    reasons: str | None = strawberry.field(
        default=None, description="复核理由：for a review's decision. Kept in the document only, sealed [5.1.4(4)]."
    )
    amendment: str | None = strawberry.field(
        default=None,
        description="变更说明：what an amending review changes, in its own words. Kept in the document only, which has "
        "the amended facts and basis anyway [5.1.4(4)].",
    )
    expected_version: int | None = strawberry.field(
        default=None, description="How many changes of the case were seen, from 1. Default: as it stands."
    )


@strawberry.type(description="It is issued, or was before under the same number. It is read back like any query.")
class NoticeIssued:
    notice: IssuedNotice | None = read_back(Entity.ISSUED_NOTICE, "The document, as far as you may see it.")


NOTICE_ISSUED: MutationResult[issued_notice.Issued] = record_result(
    NoticeIssued, "notice", subject_id="subject_id", notice_id="notice_id"
)


@refusal_type(description="The document has to tell more than is known; every fact that lacks is named [A].")
class FactsLacking(Refusal):
    shows = (FactMissing,)

    facts: list[str] = strawberry.field(description="The labels of what lacks, in the document's order.")
    clause: str = strawberry.field(description="The clause of the governing document that says so.")


@strawberry.type(description="Characters of one fact that the fonts lack.")
class Unprintable:
    fact: str = strawberry.field(description="The fact's name.")
    code_points: list[str] = strawberry.field(description="The code points, such as `U+20BB7`.")


@refusal_type(
    description="The fonts lack characters of the document: a name with a box in it is not that name. The way out is "
    "an operator's: a further font."
)
class NotPrintable(Refusal):
    shows = (CannotBePrinted,)

    lacking: list[Unprintable] = strawberry.field(description="Which characters, fact by fact.")

    @classmethod
    def of(cls, error: CannotBePrinted) -> Self:
        """Return *error* with the code points of what the fonts lack."""
        lacking = [
            Unprintable(fact=name, code_points=[f"U+{ord(each):04X}" for each in characters])
            for name, characters in error.characters.items()
        ]
        return cls(code=error.code, message=error.message_zh, message_en=error.message, lacking=lacking)


@refusal_type(description="The department's own template cannot be made into a document. The way out is to mend it.")
class TemplateBroken(Refusal):
    shows = (TemplateUnfit,)

    template: str = strawberry.field(description="The template's file.")
    line: int | None = strawberry.field(description="The line, as far as it is known.")


@refusal_type(description="Documents are signed here, and this one cannot be now: the way out is an operator's.")
class NotSigned(Refusal):
    shows = (CannotBeSigned,)


NotMade = FactsLacking | NotPrintable | TemplateBroken | NotSigned
"""Why a document cannot be made, of whatever kind [A]."""

IssueNoticeResult = Annotated[
    NoticeIssued | NotMade | OutOfTurn | Lacking | StepRefused,
    strawberry.union("IssueNoticeResult", description="The result of issuing a document."),
]


@strawberry.type(description="Issuing documents [A].")
class IssuingMutation:
    @strawberry.mutation(
        description="制作文书：issues a document of a case as PDF [A] [5.1.4(2)] [5.1.4(4)] [5.1.5]. The handler "
        "issues all of a case, the reviewer the review's decision; for a repair certificate the subject itself "
        "can ask. What it tells is read by the caller's right, and recorded."
    )
    async def issue_notice(self, info: Info, input: IssueNoticeInput) -> IssueNoticeResult:
        return await or_refusal(info, input, _issue(info, input))


OF_THE_END: Final = {NoticeKind.REVIEW_DECISION: "5.1.4(4)", NoticeKind.REPAIR_CERTIFICATE: "5.1.5"}
"""The documents that may be issued after the end of a case, each with the clause that has it issued."""


async def _issue(info: Info, given: IssueNoticeInput) -> object:
    """Return the document with its keys: one of the same number that is on record, or one made now."""
    context, key = info.context, request_key(info, given)
    which, wanted = case_ref(given), _wanted(given)
    async with context.begin() as work:
        prepared = await actions.prepare(work, context.action, which, wanted)
    if prepared.before is not None:
        return NOTICE_ISSUED.payload_of(prepared.before)
    amended = prepared.kind is NoticeKind.REVIEW_DECISION and prepared.case.outcome is ReviewOutcome.AMENDED
    facts = {**await gather(context.ask, given.case, prepared.kind, amended=amended), **prepared.facts}
    if facts["addressee"] is None and prepared.kind in OF_THE_END:
        facts["addressee"] = await _addressee(context, which, prepared.kind)
    if prepared.kind is NoticeKind.DETERMINATION:
        facts |= context.notices.remedies(prepared.case.department_code).facts
    made = await context.notices.make(draft(prepared.kind, facts), prepared.case.department_code, context.now)
    return await run_once(context, given, key, lambda work, by: actions.record(work, by, prepared, made), NOTICE_ISSUED)


async def _addressee(context: RequestContext, which: CaseRef, kind: NoticeKind) -> str | None:
    """Return the name for the document that tells of an end, to who may issue it: reads withhold it then."""
    async with context.begin() as work:
        named = await work.subjects.named(which.subject_id)
        if named is None or named.name is None:
            return None
        boxes = await record_name(context, work, named, OF_THE_END[kind])
    return boxes.open(named.name)


def _wanted(given: IssueNoticeInput) -> IssueNotice:
    return IssueNotice(
        kind=given.kind,
        number=given.number,
        document=given.document,
        document_number=given.document_number,
        means=given.means,
        postal_number=given.postal_number,
        reasons=given.reasons,
        amendment=given.amendment,
    )
