"""What the procedure of [5.1] refuses, by name.

    ProcedureRefused            names its clause; *on* is the day that decides, where it is a matter of time
    ├── NotYet                  something has to come first
    │   ├── NotVerified · NotNoticed · NotServed · NotStated · NotDetermined · NotClaimed
    │   ├── Until               StatementPeriodOpen · ReviewOpen · ObjectionOpen · ReminderPeriodOpen
    │   └── NotReminded · CommitmentNotVerified
    ├── TooLate                 WaivedBySilence · AlreadyTaken · AlreadyEnded
    ├── NotTheirs               NotTheCollector · NotTheAuthority · NotTheReviewer · ReviewerHandledTheCase
    ├── Lacking                 EvidenceMissing · ProofOfServiceMissing · BasicInformationMissing
    │                           PeriodNeedsCitation · OwnFactsMissing · StatementEmpty
    ├── NumberOfAnother         it stands in another subject's record
    ├── NoGround                DocumentsSupplied · CommitmentMet · VictimOfImpersonation
    ├── PenaltyReached          it leaves by referral
    ├── NumberTaken             the department has a case of that number
    ├── ConfidentialRecord      it stays out of every interface
    └── DayOutOfOrder           before the step that it follows, or in the future

None of them is a missed clock: what comes too late for a clock of the authority is still taken, and the clock shows it.
"""

from datetime import date

from credit.core.errors import CreditError

_PROVISIONAL_EN = " (provisional: the working days of that year are not known yet, and nobody's right ends by a guess)"
_PROVISIONAL_ZH = "（该年度工作日安排尚未载入，日期为暂定，载入前不视为届满）"


class ProcedureRefused(CreditError):
    """A step that the procedure does not allow. *on* is the day that decides, where it is a matter of time.

    A day that was counted through a year without a table of working days is *provisional*.
    """

    code = "PROCEDURE_REFUSED"
    clause: str = "5.1"
    on: date | None = None
    provisional: bool = False


class NotYet(ProcedureRefused):
    """Something has to come first."""

    code = "NOT_YET"


class Until(NotYet):
    """Something is open until the end of the day *on*."""

    open_en = "It is open"
    open_zh = "期限"

    def __init__(self, until: date, *, provisional: bool = False) -> None:
        super().__init__(until, provisional)
        self.on = until
        self.provisional = provisional
        note_en, note_zh = (_PROVISIONAL_EN, _PROVISIONAL_ZH) if provisional else ("", "")
        self.message = f"{self.open_en} until the end of {until}{note_en}."
        self.message_zh = f"{self.open_zh}至{until}届满{note_zh}。"


class NotVerified(NotYet):
    """Who collected has not verified yet [5.1.4(1)]."""

    code = "NOT_VERIFIED"
    clause = "5.1.4(1)"
    message = "The facts have not been verified by who collected them."
    message_zh = "采集单位尚未完成信息核实。"


class NotNoticed(NotYet):
    """The subject has not been notified yet [5.1.4(2)]."""

    code = "NOT_NOTICED"
    clause = "5.1.4(2)"
    message = "The subject has not been notified in writing."
    message_zh = "尚未书面告知当事人。"


class NotServed(NotYet):
    """There is no proof that the notice was received [5.1.4(2)]."""

    code = "NOT_SERVED"
    clause = "5.1.4(2)"
    message = "There is no proof that the notice was served."
    message_zh = "告知书尚无送达证明。"


class NotStated(NotYet):
    """Nothing was stated that could be reviewed [5.1.4(3)]."""

    code = "NOT_STATED"
    clause = "5.1.4(3)"
    message = "There is no statement or defence to review."
    message_zh = "当事人未提出陈述申辩，无须复核。"


class NotDetermined(NotYet):
    """The case is not determined yet [5.1.4]."""

    code = "NOT_DETERMINED"
    clause = "5.1.4"
    message = "The case has not been determined."
    message_zh = "尚未作出认定。"


class NotClaimed(NotYet):
    """There is no open claim of rectification to be answered [5.1.5]."""

    code = "NOT_CLAIMED"
    clause = "5.1.5"
    message = "There is no open claim of rectification to answer."
    message_zh = "当事人没有待答复的整改申请。"


class StatementPeriodOpen(Until):
    """The subject may still state and defend [5.1.4(3)]."""

    code = "STATEMENT_PERIOD_OPEN"
    clause = "5.1.4(3)"
    open_en = "The statement period is open"
    open_zh = "陈述申辩期限"


class ReviewOpen(Until):
    """A statement has been made and its review is not closed. *on* is the day it is due [5.1.4(4)]."""

    code = "REVIEW_OPEN"
    clause = "5.1.4(4)"
    open_en = "The review of the statement is not closed; it is due"
    open_zh = "复核尚未完成，复核期限"


class ObjectionOpen(Until):
    """The same record's last objection is still to be answered; a reading of [5.1.4(4)]."""

    code = "OBJECTION_OPEN"
    clause = "5.1.4(4)"
    open_en = "The last objection to this record is being looked at; an answer is due"
    open_zh = "该记录的异议正在处理，答复期限"


class NotReminded(NotYet):
    """There was no reminder after the promised day had passed [5.1.2c]."""

    code = "NOT_REMINDED"
    clause = "5.1.2c"
    message = "No reminder was given after the day promised for the documents."
    message_zh = "约定期限届满后尚未催告。"


class ReminderPeriodOpen(Until):
    """The applicant may still supply what it was reminded of [5.1.2c]."""

    code = "REMINDER_PERIOD_OPEN"
    clause = "5.1.2c"
    open_en = "The documents may be supplied"
    open_zh = "催告后补交材料期限"


class CommitmentNotVerified(NotYet):
    """Nobody has verified yet whether the commitment is met [5.1.2d]."""

    code = "COMMITMENT_NOT_VERIFIED"
    clause = "5.1.2d"
    message = "The commitment has not been verified."
    message_zh = "承诺内容尚未核验。"


class TooLate(ProcedureRefused):
    """It cannot come any more. *on* is the day that ended it."""

    code = "TOO_LATE"


class WaivedBySilence(TooLate):
    """The statement period ended on the day *on* in silence, which is a waiver [5.1.4(3)] [A]."""

    code = "WAIVED_BY_SILENCE"
    clause = "5.1.4(3)"

    def __init__(self, closed_on: date) -> None:
        super().__init__(closed_on)
        self.on = closed_on
        self.message = (
            f"The statement period ended on {closed_on}; silence is a waiver. An objection is still possible."
        )
        self.message_zh = f"陈述申辩期限已于{closed_on}届满，逾期视为放弃；仍可提出异议。"


class AlreadyTaken(TooLate):
    """The *step*, a wire name, was taken on the day *on*."""

    code = "ALREADY_TAKEN"

    def __init__(self, step: str, on: date) -> None:
        super().__init__(step, on)
        self.step = step
        self.on = on
        self.message = f"This was done on {on}: {step}."
        self.message_zh = f"该步骤已于{on}完成。"


class AlreadyEnded(TooLate):
    """The case ended on the day *on*; *how* is the wire name of its status since then [5.1.5]."""

    code = "ALREADY_ENDED"
    clause = "5.1.5"

    def __init__(self, how: str, on: date) -> None:
        super().__init__(how, on)
        self.how = how
        self.on = on
        self.message = f"The case ended on {on}: {how}."
        self.message_zh = f"案件已于{on}终结。"


class NotTheirs(ProcedureRefused):
    """Somebody else has to do it."""

    code = "NOT_THEIRS"


class NotTheCollector(NotTheirs):
    """Who collected verifies and notifies; the case may be handed over within the department [5.1.4(1)] [5.1.4(2)]."""

    code = "NOT_THE_COLLECTOR"
    clause = "5.1.4(1)"
    message = "Who collected verifies and notifies: this case is with another handler."
    message_zh = "谁采集、谁核实、谁告知：本案由其他经办人负责。"


class NotTheAuthority(NotTheirs):
    """Only the determining authority acts in its cases [5.1.1]."""

    code = "NOT_THE_AUTHORITY"
    clause = "5.1.1"
    message = "Only the determining authority acts in its cases."
    message_zh = "仅认定单位可办理本单位案件。"


class NotTheReviewer(NotTheirs):
    """The review was given to somebody else [5.1.4(4)]."""

    code = "NOT_THE_REVIEWER"
    clause = "5.1.4(4)"
    message = "The review was given to somebody else."
    message_zh = "本案复核由其他人员负责。"


class ReviewerHandledTheCase(NotTheirs):
    """Nobody reviews what they handled [5.1.4(4)]."""

    code = "REVIEWER_HANDLED_THE_CASE"
    clause = "5.1.4(4)"
    message = "Nobody reviews a case that they handled."
    message_zh = "复核人员不得为本案经办人员。"


class Lacking(ProcedureRefused):
    """Something has to go with the step."""

    code = "LACKING"


class EvidenceMissing(Lacking):
    """A fact without evidence, where the authority answers for its truth [5.1.1]."""

    code = "EVIDENCE_MISSING"
    clause = "5.1.1"
    message = "Evidence is needed."
    message_zh = "缺少证据材料。"


class ProofOfServiceMissing(Lacking):
    """A service without its receipt [5.1.4(2)]."""

    code = "PROOF_OF_SERVICE_MISSING"
    clause = "5.1.4(2)"
    message = "Service needs its proof: the signed receipt, or the post's."
    message_zh = "缺少送达回证或邮寄凭证。"


class BasicInformationMissing(Lacking):
    """Basic information is kept whole [5.1.3]. *items* are the names of what is missing."""

    code = "BASIC_INFORMATION_MISSING"
    clause = "5.1.3"
    message_zh = "基本信息不完整。"

    def __init__(self, *items: str) -> None:
        super().__init__(*items)
        self.items = items
        self.message = f"Basic information is missing: {', '.join(items)}."


class PeriodNeedsCitation(Lacking):
    """More than six months only by another law, which is cited [5.1.5]."""

    code = "PERIOD_NEEDS_CITATION"
    clause = "5.1.5"
    message = "A period of more than six months needs the law that says so."
    message_zh = "管理期限超过六个月的，须注明法律法规规章依据。"


class OwnFactsMissing(Lacking):
    """A principal does not answer for its agent by default: its case needs facts of its own [3.2]."""

    code = "OWN_FACTS_MISSING"
    clause = "3.2"
    message = "A case against the principal needs facts of its own, beyond those against the agent."
    message_zh = "对被代理人立案须有其自身失信事实，不得仅以代理人行为为据。"


class NumberOfAnother(ProcedureRefused):
    """The right number stands in another subject's record: the two are to be looked at together [5.1.3]."""

    code = "NUMBER_OF_ANOTHER"
    clause = "5.1.3"
    message = "This number cannot be given to the subject; have its record and the number looked at by the office."
    message_zh = "该号码不能登记给本主体，请提请区政务服务管理办公室核对后处理。"


class StatementEmpty(Lacking):
    """A statement says something, in words or by a paper [5.1.4(3)]."""

    code = "STATEMENT_EMPTY"
    clause = "5.1.4(3)"
    message = "A statement needs words, or the reference of the paper that holds them."
    message_zh = "请填写陈述申辩内容，或者注明书面材料编号。"


class NoGround(ProcedureRefused):
    """The circumstance of [5.1.2] is not there."""

    code = "NO_GROUND"


class DocumentsSupplied(NoGround):
    """The documents came in time, on the day *on* [5.1.2c]."""

    code = "DOCUMENTS_SUPPLIED"
    clause = "5.1.2c"

    def __init__(self, on: date) -> None:
        super().__init__(on)
        self.on = on
        self.message = f"The documents were supplied in time, on {on}."
        self.message_zh = f"容缺材料已于{on}按期补交。"


class CommitmentMet(NoGround):
    """Verification found the commitment met [5.1.2d]."""

    code = "COMMITMENT_MET"
    clause = "5.1.2d"
    message = "The commitment was found to be met."
    message_zh = "经核验，实际情况符合承诺内容。"


class VictimOfImpersonation(NoGround):
    """Whose identity was used by another is not the one in breach [5.1.2a]."""

    code = "VICTIM_OF_IMPERSONATION"
    clause = "5.1.2a"
    message = "The one whose identity was used by another is not the one in breach."
    message_zh = "被冒用身份者不是失信主体。"


class PenaltyReached(ProcedureRefused):
    """The breach deserves an administrative penalty: the case leaves this procedure by referral [5.1.2]."""

    code = "PENALTY_REACHED"
    clause = "5.1.2"
    message = "The breach reaches an administrative penalty: refer the case."
    message_zh = "已构成行政处罚，应移送行政处罚程序。"


class NumberTaken(ProcedureRefused):
    """The department has a case of that number already: one number is one case [5.1.3]."""

    code = "NUMBER_TAKEN"
    clause = "5.1.3"
    message = "The department has a case of that number; look it up, or choose another number."
    message_zh = "本部门已有相同案号的案件，请核对或更换案号。"


class ConfidentialRecord(ProcedureRefused):
    """A record marked confidential is refused on every interface [5.1.6]."""

    code = "CONFIDENTIAL_RECORD"
    clause = "5.1.6"
    message = "The record is not handled here."
    message_zh = "该记录不在本系统办理。"


class DayOutOfOrder(ProcedureRefused):
    """A day before the step that it follows, or in the future. *on* is the first or the last day possible."""

    code = "DAY_OUT_OF_ORDER"

    def __init__(self, bound: date) -> None:
        super().__init__(bound)
        self.on = bound
        self.message = f"The day does not fit the other steps or lies in the future; the nearest possible is {bound}."
        self.message_zh = f"日期与其他步骤不符或晚于今日，最接近的可用日期为{bound}。"
