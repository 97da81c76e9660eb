"""What the procedure of [5.1] refuses: the branches, and below them their reasons.

    ProcedureRefused
    ├── NotYet              something has to come first, until the end of a day where it is a matter of time
    ├── TooLate             it cannot come any more, since a day
    ├── NotTheirs           somebody else has to do it
    ├── Lacking             something has to go with the step
    ├── NoGround            the circumstance of [5.1.2] is not there
    ├── PenaltyReached      a penalty, or another disciplinary measure: it leaves by referral
    ├── UnderMemorandum     a national penalty memorandum governs the subject
    ├── MemorandumUnknown   whether one governs is not known
    ├── NumberOfAnother     it stands in another subject's record
    ├── NumberTaken         the department has a case of that number
    ├── ConfidentialRecord  it stays out of every interface
    └── DayOutOfOrder       before the step that it follows, or in the future

A missed clock of the authority is not a refusal: a step that comes too late is still taken, and the clock shows it.
"""

from datetime import date
from typing import Final

from credit.core.errors import CreditError
from credit.core.refusals import Phrase, Reason

_PROVISIONAL: Final = Phrase(
    " (provisional: the working days of that year are not known yet, and nobody's right ends by a guess)",
    "（该年度工作日安排尚未载入，日期为暂定，载入前不视为届满）",
)


class ProcedureRefused(CreditError):
    """A step that the procedure does not allow."""


class NotYet(ProcedureRefused):
    """Something has to come first. *until* is the last day on which something else is open.

    A day that was counted through a year without a table of working days is *provisional*.
    """

    def __init__(self, reason: Reason, until: date | None = None, *, provisional: bool = False) -> None:
        super().__init__(reason, until=until, provisional=_PROVISIONAL if provisional else "")
        self.until = until
        self.provisional = provisional


class TooLate(ProcedureRefused):
    """It is too late for the step. *since* is the day that ended it."""

    def __init__(self, reason: Reason, since: date, **facts: object) -> None:
        super().__init__(reason, since=since, **facts)
        self.since = since


class NotTheirs(ProcedureRefused):
    """Another actor has to take the step."""


class Lacking(ProcedureRefused):
    """The step lacks a required part."""


class NoGround(ProcedureRefused):
    """The circumstance of [5.1.2] is not there. *since* is the day that decided it, if a day did."""

    def __init__(self, reason: Reason, since: date | None = None) -> None:
        super().__init__(reason, since=since)
        self.since = since


class PenaltyReached(ProcedureRefused):
    """The breach deserves an administrative penalty, or another disciplinary measure: the case is referred [5.1.2]."""


class UnderMemorandum(ProcedureRefused):
    """A national penalty memorandum governs the subject: no local determination adds to it or softens it [3.3]."""

    reason = Reason("GOVERNED_BY_MEMORANDUM", "3.3",
        "The subject is governed by a national penalty memorandum: {memorandum}. No local determination is made.",
        "该主体由国家联合惩戒备忘录管理（{memorandum}），从其规定，不作本地认定。",
        "Apply what the memorandum provides, and drop the case; what was collected stays on record.",
        "按备忘录自身的规定执行并撤销本案，已采集的信息留存在案。")  # fmt: skip

    def __init__(self, memorandum: str) -> None:
        super().__init__(memorandum=memorandum)
        self.memorandum = memorandum


class MemorandumUnknown(ProcedureRefused):
    """The joint module did not say whether a memorandum governs the subject: the determination waits [3.3]."""

    reason = Reason("MEMORANDUM_UNKNOWN", "3.3",
        "The joint module did not say whether a national memorandum governs the subject; the determination waits.",
        "未能从联合奖惩模块查明该主体是否由国家联合奖惩备忘录管理，暂不作出认定。",
        "Try again later; where it lasts, the operator looks at the joint module. No period is lost.",
        "请稍后再试；持续无法查询的，请联系管理员检查联合奖惩模块。已有程序期限不受影响。")  # fmt: skip


class NumberOfAnother(ProcedureRefused):
    """The right number is in another subject's record: both records must be examined together [5.1.3]."""

    reason = Reason("NUMBER_OF_ANOTHER", "5.1.3",
        "This number cannot be given to the subject; have its record and the number looked at by the office.",
        "该号码不能登记给本主体，请提请区政务服务管理办公室核对后处理。")  # fmt: skip


class NumberTaken(ProcedureRefused):
    """The department has a case of that number already: one number is one case [5.1.3]."""

    reason = Reason("NUMBER_TAKEN", "5.1.3",
        "The department has a case of that number; look it up, or choose another number.",
        "本部门已有相同案号的案件，请核对或更换案号。")  # fmt: skip


class ConfidentialRecord(ProcedureRefused):
    """A record marked confidential is refused on every interface [5.1.6]."""

    reason = Reason("CONFIDENTIAL_RECORD", "5.1.6", "The record is not handled here.", "该记录不在本系统办理。")


class DayOutOfOrder(ProcedureRefused):
    """A day before the step that it follows, or in the future. *nearest* is the first or the last day possible."""

    reason = Reason("DAY_OUT_OF_ORDER", "5.1",
        "The day does not fit the other steps or lies in the future; the nearest possible is {nearest}.",
        "日期与其他步骤不符或晚于今日，最接近的可用日期为{nearest}。")  # fmt: skip

    def __init__(self, nearest: date) -> None:
        super().__init__(nearest=nearest)
        self.nearest = nearest


# fmt: off
# --- NotYet --------------------------------------------------------------------------------------------------------

NOT_VERIFIED = Reason("NOT_VERIFIED", "5.1.4(1)",
    "The facts have not been verified by who collected them.", "采集单位尚未完成信息核实。")
NOT_NOTICED = Reason("NOT_NOTICED", "5.1.4(2)", "The subject has not been notified in writing.", "尚未书面告知当事人。")
NOT_SERVED = Reason("NOT_SERVED", "5.1.4(2)", "There is no proof that the notice was served.", "告知书尚无送达证明。")
NOT_STATED = Reason("NOT_STATED", "5.1.4(3)",
    "There is no statement or defence to review.", "当事人未提出陈述申辩，无须复核。")
NOT_DETERMINED = Reason("NOT_DETERMINED", "5.1.4", "The case has not been determined.", "尚未作出认定。")
REPAIRED_ALREADY = Reason("REPAIRED_ALREADY", "5.1.5",
    "Its rectification was confirmed on {since}: by this rule repaired information is neither shared nor used.",
    "已于{since}确认整改，按现行规则，已修复的信息不再共享和使用。",
    "Before the determination drop it (dropCase), afterwards remove it as changed (reportError).",
    "尚未认定的，不予认定（dropCase）；已经认定的，以信息变更为由移除（reportError）。")  # fmt: skip
NEW_BREACH_OPEN = Reason("NEW_BREACH_OPEN", "5.1.5",
    "Another breach of the period is under procedure or was determined, so nobody can certify that there was none.",
    "管理期限内另有失信行为正在办理或者已经认定，不能出具无新的失信行为的证明。",
    "Wait for the outcome of the other case.", "待另案办结后再申请。")  # fmt: skip
NOT_CONFIRMED = Reason("NOT_CONFIRMED", "5.1.4",
    "This record was taken over from before the cut-over date: the head confirms it, or it is dropped.",
    "本案为接收的历史数据，须由认定单位负责人确认，或者予以撤销。", "confirmTakenOver", "confirmTakenOver")
NOT_TAKEN_OVER = Reason("NOT_TAKEN_OVER", "5.1.4",
    "The case was not taken over from before the cut-over date; it goes through the procedure.",
    "本案不是接收的历史数据，应按程序办理。")
NOT_CLAIMED = Reason("NOT_CLAIMED", "5.1.5",
    "There is no open claim of rectification to answer.", "当事人没有待答复的整改申请。")
NOT_DELAYED = Reason("NOT_DELAYED", "5.1.6",
    "No delay of the access entries is running that could be extended.", "目前没有可以延长的访问记录延期公开。",
    "delayEntries", "delayEntries")
DELAY_TOO_LONG = Reason("DELAY_TOO_LONG", "5.1.6",
    "Access entries open on {until} at the latest; a further delay is a new act of the head.",
    "访问记录最迟于{until}公开；需要继续延期的，由负责人另行决定。", "extendEntryDelay", "extendEntryDelay")
STATEMENT_PERIOD_OPEN = Reason("STATEMENT_PERIOD_OPEN", "5.1.4(3)",
    "The statement period is open until the end of {until}{provisional}.", "陈述申辩期限至{until}届满{provisional}。")
REVIEW_OPEN = Reason("REVIEW_OPEN", "5.1.4(4)",
    "The review of the statement is not closed; it is due until the end of {until}{provisional}.",
    "复核尚未完成，复核期限至{until}届满{provisional}。")
# A reading of the clause: one objection to the same record at a time.
OBJECTION_OPEN = Reason("OBJECTION_OPEN", "5.1.4(4)",
    "The last objection to this record is being looked at; an answer is due until the end of {until}{provisional}.",
    "该记录的异议正在处理，答复期限至{until}届满{provisional}。")
NOT_REMINDED = Reason("NOT_REMINDED", "5.1.2c",
    "No reminder was given after the day promised for the documents.", "约定期限届满后尚未催告。")
REMINDER_PERIOD_OPEN = Reason("REMINDER_PERIOD_OPEN", "5.1.2c",
    "The documents may be supplied until the end of {until}{provisional}.",
    "催告后补交材料期限至{until}届满{provisional}。")
COMMITMENT_NOT_VERIFIED = Reason("COMMITMENT_NOT_VERIFIED", "5.1.2d",
    "The commitment has not been verified.", "承诺内容尚未核验。")

# --- TooLate: {step} and {status} are wire names ---------------------------------------------------------------------

WAIVED_BY_SILENCE = Reason("WAIVED_BY_SILENCE", "5.1.4(3)",
    "The statement period ended on {since}; silence is a waiver. An objection is still possible.",
    "陈述申辩期限已于{since}届满，逾期视为放弃；仍可提出异议。")
ALREADY_TAKEN = Reason("ALREADY_TAKEN", "5.1", "This was done on {since}: {step}.", "该步骤已于{since}完成。")
ALREADY_DELAYED = Reason("ALREADY_DELAYED", "5.1.6",
    "The access entries have been delayed since {since}; the delay can be extended.",
    "访问记录已于{since}决定延期公开，可以延长。", "extendEntryDelay", "extendEntryDelay")
ALREADY_ENDED = Reason("ALREADY_ENDED", "5.1.5", "The case ended on {since}: {status}.", "案件已于{since}终结。")

# --- NotTheirs -----------------------------------------------------------------------------------------------------

# The case may be handed over within the department [5.1.4(2)].
NOT_THE_COLLECTOR = Reason("NOT_THE_COLLECTOR", "5.1.4(1)",
    "Who collected verifies and notifies: this case is with another handler.",
    "谁采集、谁核实、谁告知：本案由其他经办人负责。")
NOT_THE_AUTHORITY = Reason("NOT_THE_AUTHORITY", "5.1.1",
    "Only the determining authority acts in its cases.", "仅认定单位可办理本单位案件。")
NOT_THE_REVIEWER = Reason("NOT_THE_REVIEWER", "5.1.4(4)",
    "The review was given to somebody else.", "本案复核由其他人员负责。")
REVIEWER_HANDLED_THE_CASE = Reason("REVIEWER_HANDLED_THE_CASE", "5.1.4(4)",
    "Nobody reviews a case that they handled.", "复核人员不得为本案经办人员。")

NAME_FOR_THE_HEAD = Reason("NAME_FOR_THE_HEAD", "5.1.3",
    "Which name is right is decided by the head of the department.", "姓名（名称）以何为准，由本单位负责人确认。")

# --- Lacking -------------------------------------------------------------------------------------------------------

# The authority is responsible for the truth of its facts.
EVIDENCE_MISSING = Reason("EVIDENCE_MISSING", "5.1.1", "Evidence is needed.", "缺少证据材料。")
LEGAL_GROUND_MISSING = Reason("LEGAL_GROUND_MISSING", "5.1.6",
    "A delay needs the law that provides it.", "延期公开须注明法律依据。")
PROOF_OF_SERVICE_MISSING = Reason("PROOF_OF_SERVICE_MISSING", "5.1.4(2)",
    "Service needs its proof: the signed receipt, or the post's.", "缺少送达回证或邮寄凭证。")
# {items} are the names of what is missing.
BASIC_INFORMATION_MISSING = Reason("BASIC_INFORMATION_MISSING", "5.1.3",
    "Basic information is missing: {items}.", "基本信息不完整。")
PERIOD_NEEDS_CITATION = Reason("PERIOD_NEEDS_CITATION", "5.1.5",
    "A period of more than six months needs the law that says so.", "管理期限超过六个月的，须注明法律法规规章依据。")
# A principal is not responsible for its agent by default.
OWN_FACTS_MISSING = Reason("OWN_FACTS_MISSING", "3.2",
    "A case against the principal needs facts of its own, beyond those against the agent.",
    "对被代理人立案须有其自身失信事实，不得仅以代理人行为为据。")
STATEMENT_EMPTY = Reason("STATEMENT_EMPTY", "5.1.4(3)",
    "A statement needs words, or the reference of the paper that holds them.",
    "请填写陈述申辩内容，或者注明书面材料编号。")

AMENDMENT_MISSING = Reason("AMENDMENT_MISSING", "5.1.4(4)",
    "A review that amends has to give the amended facts, or another basis.",
    "复核变更的，应填写变更后的失信事实或认定依据。",
    "Give facts or basis; to change nothing, uphold.", "请填写facts或basis；不作变更的，请选择维持。")
# Circumstance e is wider than a penalty: the other four say "penalty", it says "discipline" (惩戒).
DISCIPLINE_NOT_EXCLUDED = Reason("DISCIPLINE_NOT_EXCLUDED", "5.1.2e",
    "Another breach has to be short of any disciplinary measure, not only of a penalty.",
    "其他失信行为须尚不构成惩戒，不限于尚不构成行政处罚。",
    "Confirm SHORT_OF_DISCIPLINE, or refer the case.", "请确认尚不构成惩戒（SHORT_OF_DISCIPLINE），否则应移送。")

# --- PenaltyReached ------------------------------------------------------------------------------------------------

PENALTY_REACHED = Reason("PENALTY_REACHED", "5.1.2",
    "The breach reaches an administrative penalty: refer the case.", "已构成行政处罚，应移送行政处罚程序。",
    "referCase", "referCase")
DISCIPLINE_REACHED = Reason("DISCIPLINE_REACHED", "5.1.2e",
    "The breach reaches another disciplinary measure: refer the case to the body that takes it.",
    "已构成行政处罚以外的惩戒，应移送有权机关处理。",
    "referCase", "referCase")

# --- NoGround ------------------------------------------------------------------------------------------------------

DOCUMENTS_SUPPLIED = Reason("DOCUMENTS_SUPPLIED", "5.1.2c",
    "The documents were supplied in time, on {since}.", "容缺材料已于{since}按期补交。")
COMMITMENT_MET = Reason("COMMITMENT_MET", "5.1.2d",
    "The commitment was found to be met.", "经核验，实际情况符合承诺内容。")
VICTIM_OF_IMPERSONATION = Reason("VICTIM_OF_IMPERSONATION", "5.1.2a",
    "The one whose identity was used by another is not the one in breach.", "被冒用身份者不是失信主体。")
# fmt: on
