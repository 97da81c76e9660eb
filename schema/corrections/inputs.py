"""Inputs and payloads of corrections [5.1.4(6)]. No value of an item is ever quoted back."""

from datetime import date
from typing import Annotated

import strawberry

from credit.cases.case import RemovalCause
from credit.corrections import correction
from credit.corrections.correction import RecordItem, Remedy
from queryplan.entities import Entity
from schema.core.fields import read_back
from schema.core.inputs import EVIDENCE, ON, CaseInput, KeyedInput, mutation_input
from schema.core.mutations.mutation import MutationResult, record_result
from schema.core.mutations.refusals import Lacking, NotTheirs, NumberOfAnother, OutOfTurn, StepRefused, TooLate
from schema.corrections.types import Correction

CORRECTION = "Which correction, by its global id."
SEEN = "How many changes of the correction were seen, from 1: refused where there were more. Default: as it stands."
NAME = "姓名或名称：the right one, where that was found wrong."
NUMBER = "身份证号或统一社会信用代码：the right one, where that was found wrong. Give it as a variable."
ADDRESS = "注册地址或住址：the right one, where that was found wrong."
PHONE = "联系电话：no item of basic information; it can be put right along with who somebody is."


@mutation_input()
class CorrectionInput(KeyedInput):
    """The input of a step of a correction."""

    correction: strawberry.ID = strawberry.field(description=CORRECTION)
    expected_version: int | None = strawberry.field(default=None, description=SEEN)


@mutation_input(
    description="登记信息有误或变更：what is wrong in a determined case, and what is to be done [5.1.4(6)]."
)
class ReportErrorInput(CaseInput):
    remedy: Remedy = strawberry.field(description="Whether it is to be corrected, or taken off the list.")
    cause: RemovalCause = strawberry.field(description="Whether it was wrong, or has changed.")
    items: list[RecordItem] = strawberry.field(
        default_factory=list, description="Which items are wrong; none is needed for a removal."
    )
    evidence: list[str] = strawberry.field(default_factory=list, description=EVIDENCE)
    on: date | None = strawberry.field(default=None, description=ON)


@strawberry.input(description="Who a subject is, as far as it was found wrong [5.1.3].")
class SubjectParticularsInput:
    name: str | None = strawberry.field(default=None, description=NAME)
    number: str | None = strawberry.field(default=None, description=NUMBER)
    address: str | None = strawberry.field(default=None, description=ADDRESS)
    phone: str | None = strawberry.field(default=None, description=PHONE)


@mutation_input(description="修改：everything that was found wrong, put right in one step today [5.1.4(6)].")
class CorrectCaseInput(CorrectionInput):
    basis: str | None = strawberry.field(default=None, description="认定依据：the right legal basis.")
    legal_document: str | None = strawberry.field(default=None, description="法律文书：the right document's number.")
    facts: str | None = strawberry.field(default=None, description="失信事实：what really happened. Kept sealed.")
    months: int | None = strawberry.field(default=None, description="有效期：how many months it should have been.")
    until: date | None = strawberry.field(default=None, description="Or its last day, where a law names one [5.1.5].")
    citation: str | None = strawberry.field(default=None, description="The law, for more than six months [5.1.5].")
    particulars: SubjectParticularsInput | None = strawberry.field(
        default=None, description="Who the subject is, where that was found wrong as well."
    )
    evidence: list[str] = strawberry.field(default_factory=list, description=EVIDENCE)


@mutation_input(description="更正主体信息：who somebody is, put right today [5.1.3] [5.1.4(6)].")
class CorrectSubjectInput(CorrectionInput):
    name: str | None = strawberry.field(default=None, description=NAME)
    number: str | None = strawberry.field(default=None, description=NUMBER)
    address: str | None = strawberry.field(default=None, description=ADDRESS)
    phone: str | None = strawberry.field(default=None, description=PHONE)
    evidence: list[str] = strawberry.field(default_factory=list, description=EVIDENCE)


@mutation_input(description="移除：takes a case off the list today, for the cause that was reported [5.1.4(6)].")
class RemoveCaseInput(CorrectionInput):
    evidence: list[str] = strawberry.field(default_factory=list, description=EVIDENCE)


@mutation_input(description="登记已告知：a recipient was notified of a correction [5.1.4(6)].")
class RecordRecipientToldInput(KeyedInput):
    telling: strawberry.ID = strawberry.field(description="Which recipient, by the global id in `toTell`.")
    evidence: list[str] = strawberry.field(default_factory=list, description=EVIDENCE)
    on: date | None = strawberry.field(default=None, description=ON)


@strawberry.type(description="It is done. The correction is read back like any query.")
class CorrectionMade:
    correction: Correction | None = read_back(Entity.CORRECTION, "The correction as it now stands.")


CORRECTION_MADE: MutationResult[correction.Correction] = record_result(
    CorrectionMade, "correction", subject_id="subject_id", row_id="correction_id"
)


ReportErrorResult = Annotated[
    CorrectionMade | OutOfTurn | Lacking | StepRefused,
    strawberry.union("ReportErrorResult", description="The result of reporting an error."),
]
CorrectCaseResult = Annotated[
    CorrectionMade | TooLate | NotTheirs | Lacking | NumberOfAnother | StepRefused,
    strawberry.union("CorrectCaseResult", description="The result of a correction."),
]
CorrectSubjectResult = Annotated[
    CorrectionMade | TooLate | NotTheirs | NumberOfAnother | StepRefused,
    strawberry.union("CorrectSubjectResult", description="The result of putting right who somebody is."),
]
RemoveCaseResult = Annotated[
    CorrectionMade | TooLate | NotTheirs | StepRefused,
    strawberry.union("RemoveCaseResult", description="The result of a removal."),
]
RecordRecipientToldResult = Annotated[
    CorrectionMade | NotTheirs | StepRefused,
    strawberry.union("RecordRecipientToldResult", description="The result of recording that a recipient was notified."),
]
