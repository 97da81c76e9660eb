"""What incentives, promises, consultations, focused checks, figures and texts refuse [4] [5.2] [6].

    CreditError
    ├── WithWayOut              says also what can be done instead
    │   ├── NoIncentive         NotEligible > PromiseNeeded · CheckMissing · CheckStale · GovernedByMemorandum
    │   │                       Restrained · AdverseRecord · SourceUnknown · HelperMissing · CommitmentNotWritten
    │   ├── PromiseRefused      NothingMissing · DueOutOfBounds · DocumentNotMissing · StepMisdated · PromiseClosed
    │   │                       NotDueYet · AlreadyReminded · NoReminder · NotHandledYet · NoDefault
    │   │                       NotVerifiedAsUnmet · AlreadyCollected
    │   ├── ConsultationRefused NobodyNamed · TooManyNames · StatuteNotForAssociations
    │   └── FindingUnsupported · NotATarget · NoNewBreach
    ├── DataFileRefused         a file of incentives or texts that contradicts itself
    └── NoTextInForce           no version of a text on that day

None of them quotes a value. A memorandum's name and the end of a restraint are facts about a subject all the same: they
are for the clerk who checked on an authorisation, and logs take the *code* alone.
"""

from datetime import date

from credit.core.errors import CreditError
from credit.core.labels import Labelled


class WithWayOut(CreditError):
    """A refusal that also says what can be done instead.

    *facts* fill the sentences: dates, codes and choices only. A choice shows its term in the Chinese ones.
    """

    way_out: str = ""
    way_out_zh: str = ""

    def __init__(self, **facts: object) -> None:
        super().__init__(*facts.values())
        facts_zh = {name: fact.zh if isinstance(fact, Labelled) else fact for name, fact in facts.items()}
        self.message = self.message.format(**facts)
        self.message_zh = self.message_zh.format(**facts_zh)
        self.way_out = self.way_out.format(**facts)
        self.way_out_zh = self.way_out_zh.format(**facts_zh)


class NoIncentive(WithWayOut):
    """No incentive at this moment [4.1] [5.2.1]. Whatever the reason, the ordinary channel serves."""

    code = "NO_INCENTIVE"
    way_out = "The application goes on through the ordinary channel."
    way_out_zh = "可按普通程序继续办理。"


class NotEligible(NoIncentive):
    """The incentive is not in force, or the matter's own document does not allow it [4.2.3] [4.2.4]."""

    code = "NOT_ELIGIBLE"
    message = "This matter does not offer the incentive {incentive}."
    message_zh = "该事项不适用此项激励措施（{incentive}）。"

    def __init__(self, incentive: str) -> None:
        super().__init__(incentive=incentive)
        self.incentive = incentive


class PromiseNeeded(NotEligible):
    """An incentive that rests on a promise is granted with that promise, which has a date or limits [4.2.2] [4.2.3]."""

    code = "PROMISE_NEEDED"
    message = "The incentive {incentive} is granted with the promise that it rests on, and not by itself."
    message_zh = "此项激励措施（{incentive}）须与申请人的承诺一并登记，不能单独给予。"
    way_out = "Record what is missing and by when (deferDocuments), or the commitment (makeCommitment)."
    way_out_zh = "请登记所缺材料和补交日期（容缺受理），或者登记告知承诺。"


class CheckMissing(NoIncentive):
    """No credit check was made for this application [4.1]. Why there is none is nobody's business [5.1.6]."""

    code = "CHECK_MISSING"
    message = "No credit check has been made for this application."
    message_zh = "本办件尚未进行信用核查。"
    way_out = "Check with the applicant's authorisation, or go on through the ordinary channel."
    way_out_zh = "经申请人授权后进行信用核查，或按普通程序办理。"


class CheckStale(NoIncentive):
    """The credit check is not of the moment of granting [5.2.1]."""

    code = "CHECK_STALE"
    message = "The credit check of {checked_on} could be relied on until {valid_until}."
    message_zh = "{checked_on}的信用核查结果仅在{valid_until}前（含当日）有效。"
    way_out = "Check anew on a live authorisation, or go on through the ordinary channel."
    way_out_zh = "凭有效授权重新核查，或按普通程序办理。"

    def __init__(self, checked_on: date, valid_until: date) -> None:
        super().__init__(checked_on=checked_on.isoformat(), valid_until=valid_until.isoformat())
        self.checked_on = checked_on
        self.valid_until = valid_until


class GovernedByMemorandum(NoIncentive):
    """A national memorandum governs the subject: local measures neither add to it nor soften it [3.3]."""

    code = "GOVERNED_BY_MEMORANDUM"
    message = "The subject is governed by a national memorandum: {memorandum}."
    message_zh = "该主体由国家联合奖惩备忘录管理（{memorandum}），从其规定。"
    way_out = "Apply what the memorandum itself provides; nothing local is added or taken away."
    way_out_zh = "按备忘录自身的规定执行，本地措施不予叠加，也不予减轻。"

    def __init__(self, memorandum: str) -> None:
        super().__init__(memorandum=memorandum)
        self.memorandum = memorandum


class Restrained(NoIncentive):
    """The subject is restrained at the moment of granting [5.2.1]. Without *until*, rectification has to come first."""

    code = "RESTRAINED"
    message = "The subject is restrained until {until}."
    message_zh = "该主体处于失信制约管理期内，{until}。"
    way_out = "Ordinary channel for now. Rectified and without a new breach, the subject is free the day after [5.1.5]."
    way_out_zh = "目前按普通程序办理；已改正且未再犯的，期满次日起恢复。"

    def __init__(self, until: date | None) -> None:
        super().__init__(until="rectification is confirmed" if until is None else until.isoformat())
        self.until = until
        end = "至整改确认之日止" if until is None else f"至{until.isoformat()}止"
        self.message_zh = type(self).message_zh.format(until=end)


class AdverseRecord(NoIncentive):
    """A source of the credit check knows an adverse record [4.1]."""

    code = "ADVERSE_RECORD"
    message = "The credit check found an adverse record ({source})."
    message_zh = "信用核查发现不良信用记录（{source}）。"
    way_out = "Ordinary channel; the subject can ask for repair or object, and be checked anew afterwards."
    way_out_zh = "按普通程序办理；主体可申请信用修复或提出异议，之后重新核查。"

    def __init__(self, source: Labelled) -> None:
        super().__init__(source=source)
        self.source = source


class SourceUnknown(NoIncentive):
    """A source could not be asked; unknown is never clean [4.1]."""

    code = "SOURCE_UNKNOWN"
    message = "A source of the credit check gave no answer ({source}), and unknown is not clean."
    message_zh = "信用核查未能取得结果（{source}），不能视为无不良记录。"
    way_out = "Check again once the source answers, or go on through the ordinary channel."
    way_out_zh = "待查询恢复后重新核查，或按普通程序办理。"

    def __init__(self, source: Labelled) -> None:
        super().__init__(source=source)
        self.source = source


class HelperMissing(NoIncentive):
    """A green channel has a named helper [4.2.1]."""

    code = "HELPER_MISSING"
    message = "This incentive needs a named helper."
    message_zh = "此项激励措施须指定专人帮办。"
    way_out = "Name the helper by staff reference."
    way_out_zh = "请填写帮办人员的工作编号。"


class CommitmentNotWritten(NoIncentive):
    """The incentive rests on a written commitment, and no paper is named [4.2.2] [4.2.3]."""

    code = "COMMITMENT_NOT_WRITTEN"
    message = "This incentive needs the applicant's written commitment."
    message_zh = "此项激励措施须有申请人的书面承诺。"
    way_out = "Attach the written commitment by reference, or go on through the ordinary channel."
    way_out_zh = "请登记书面承诺的档案编号，或按普通程序办理。"


class PromiseRefused(WithWayOut):
    """A step with deferred documents [4.2.2] or a commitment [4.2.3] that the facts do not allow."""

    code = "PROMISE_REFUSED"


class NothingMissing(PromiseRefused):
    """Deferral needs a list of what is missing, each document once [4.2.2]."""

    code = "NOTHING_MISSING"
    message = "List every missing document, each once."
    message_zh = "请逐项列明所缺材料，不得为空或重复。"
    way_out = "If nothing is missing, no deferral is needed."
    way_out_zh = "材料齐全的，无需容缺。"


class DueOutOfBounds(PromiseRefused):
    """The promised date lies outside what the matter allows [4.2.2]."""

    code = "DUE_OUT_OF_BOUNDS"
    message = "The date promised must lie between {earliest} and {latest}."
    message_zh = "承诺补交日期应在{earliest}至{latest}之间。"
    way_out = "Promise a date within these bounds."
    way_out_zh = "请在上述期限内重新约定。"

    def __init__(self, earliest: date, latest: date) -> None:
        super().__init__(earliest=earliest.isoformat(), latest=latest.isoformat())
        self.earliest = earliest
        self.latest = latest


class DocumentNotMissing(PromiseRefused):
    """The document handed in is not, or no longer, one of those missing [4.2.2]."""

    code = "DOCUMENT_NOT_MISSING"
    message = "This document is not among those still missing."
    message_zh = "该材料不在尚缺材料清单内。"
    way_out = "See the list of what is still missing."
    way_out_zh = "请核对尚缺材料清单。"


class StepMisdated(PromiseRefused):
    """A fact dated before the one that it follows from, or after today."""

    code = "STEP_MISDATED"
    message = "The step must be dated between {earliest} and {latest}."
    message_zh = "该步骤的日期应在{earliest}至{latest}之间。"
    way_out = "Correct the date."
    way_out_zh = "请更正日期。"

    def __init__(self, earliest: date, latest: date) -> None:
        super().__init__(earliest=earliest.isoformat(), latest=latest.isoformat())
        self.earliest = earliest
        self.latest = latest


class PromiseClosed(PromiseRefused):
    """Nothing is left to do: kept, verified, or the application was withdrawn."""

    code = "PROMISE_CLOSED"
    message = "Nothing is open any more: {state}."
    message_zh = "该事项已无待办环节：{state}。"

    def __init__(self, state: Labelled) -> None:
        super().__init__(state=state)
        self.state = state


class NotDueYet(PromiseRefused):
    """The date promised has not passed: there is nothing to remind of [5.1.2c]."""

    code = "NOT_DUE_YET"
    message = "The applicant has time until {until}."
    message_zh = "承诺期限至{until}，尚未届满。"
    way_out = "Remind from the day after."
    way_out_zh = "期满次日起方可催告。"

    def __init__(self, until: date) -> None:
        super().__init__(until=until.isoformat())
        self.until = until


class AlreadyReminded(PromiseRefused):
    """A reminder has reached the applicant; a second one would only blur the clock [5.1.2c]."""

    code = "ALREADY_REMINDED"
    message = "A reminder reached the applicant on {served_on}."
    message_zh = "催告已于{served_on}送达。"

    def __init__(self, served_on: date) -> None:
        super().__init__(served_on=served_on.isoformat())
        self.served_on = served_on


class NoReminder(PromiseRefused):
    """No reminder of that number waits for its proof of service."""

    code = "NO_REMINDER"
    message = "There is no reminder that waits for proof of service."
    message_zh = "没有待登记送达的催告。"
    way_out = "Send a reminder first."
    way_out_zh = "请先发出催告。"


class NoDefault(PromiseRefused):
    """The circumstance of [5.1.2c] or [5.1.2d] does not exist (yet)."""

    code = "NO_DEFAULT"
    message = "The facts make no breach: {state}."
    message_zh = "现有事实不构成失信情形：{state}。"
    way_out = "A reminder, its service and the three working days after it have to pass first [5.1.2c]."
    way_out_zh = "须先催告、送达，且催告后3个工作日届满仍未提交。"

    def __init__(self, state: Labelled, until: date | None = None, *, provisional: bool = False) -> None:
        super().__init__(state=state)
        self.state = state
        self.until = until
        self.provisional = provisional


class NotVerifiedAsUnmet(NoDefault):
    """No verification has found that the facts fall short of the commitment [5.1.2d]."""

    code = "NOT_VERIFIED_AS_UNMET"
    way_out = "Verify the commitment and record the outcome with its evidence [4.2.3]."
    way_out_zh = "请先对承诺内容进行核验并登记结果及证据。"


class AlreadyCollected(PromiseRefused):
    """A breach of a promise is one case, not two [5.1.3]."""

    code = "ALREADY_COLLECTED"
    message = "A case has been collected from this promise already."
    message_zh = "该承诺的失信信息已采集立案。"
    way_out = "Go on with that case."
    way_out_zh = "请在已采集的案件中继续办理。"


class NotHandledYet(PromiseRefused):
    """Commitments are verified after the matter has been handled [4.2.3]."""

    code = "NOT_HANDLED_YET"
    message = "The application has not been completed yet; a commitment is verified afterwards."
    message_zh = "办件尚未办结，承诺内容应在办结后核验。"
    way_out = "Record the completion first."
    way_out_zh = "请先登记办结。"


class FindingUnsupported(WithWayOut):
    """A finding against a subject needs evidence [5.1.1]."""

    code = "FINDING_UNSUPPORTED"
    message = "A finding against a subject needs facts and evidence."
    message_zh = "作出不利认定须载明事实并附证据。"
    way_out = "State the facts and attach the evidence by reference."
    way_out_zh = "请填写事实并登记证据档案编号。"


class ConsultationRefused(WithWayOut):
    """A consultation that cannot be answered as it was asked [5.2.3]."""

    code = "CONSULTATION_REFUSED"


class NobodyNamed(ConsultationRefused):
    """A consultation names at least one subject."""

    code = "NOBODY_NAMED"
    message = "The consultation names nobody."
    message_zh = "征求意见名单为空。"
    way_out = "Name whom it is about."
    way_out_zh = "请填写征求意见的对象。"


class TooManyNames(ConsultationRefused):
    """One consultation is about those who stand for one rating, award or selection, not about a register."""

    code = "TOO_MANY_NAMES"
    message = "One consultation can name {most} subjects at most."
    message_zh = "每次征求意见最多{most}个对象。"
    way_out = "Ask in several consultations, each with its own occasion."
    way_out_zh = "请按评定事由分批提交。"

    def __init__(self, most: int) -> None:
        super().__init__(most=most)
        self.most = most


class StatuteNotForAssociations(ConsultationRefused):
    """Recipients outside government need each subject's authorisation; no statute stands in for it [5.2.3]."""

    code = "STATUTE_NOT_FOR_ASSOCIATIONS"
    message = "An association or chamber can only ask on each subject's authorisation."
    message_zh = "行业协会、商会征求意见须逐一取得主体授权，不得以法定职责为依据。"
    way_out = "Ask the subjects for their authorisation."
    way_out_zh = "请先取得主体授权。"


class NotATarget(WithWayOut):
    """Only whoever was restrained on the day of the visit was a focused-check target [5.2.2]."""

    code = "NOT_A_TARGET"
    message = "The subject was not a focused-check target on {on}."
    message_zh = "该主体在{on}不属于重点核查对象。"
    way_out = "Check it as any other subject, by your sector's own rules."
    way_out_zh = "请按本行业一般监管规定检查。"

    def __init__(self, on: date) -> None:
        super().__init__(on=on.isoformat())
        self.on = on


class NoNewBreach(WithWayOut):
    """A check that found no new breach starts no case [5.2.2]."""

    code = "NO_NEW_BREACH"
    message = "The check found no new breach: {outcome}."
    message_zh = "该次核查未发现新的失信行为：{outcome}。"
    way_out = "Record another check where something new is found."
    way_out_zh = "如另有发现，请登记新的核查结果。"

    def __init__(self, outcome: Labelled) -> None:
        super().__init__(outcome=outcome)
        self.outcome = outcome


class DataFileRefused(CreditError):
    """A file of incentives or texts that contradicts itself. *file* is its name without folder."""

    code = "DATA_FILE_REFUSED"

    def __init__(self, file: str, why: str) -> None:
        super().__init__(file, why)
        self.file = file
        self.message = f"The file {file} is refused: {why}"
        self.message_zh = f"数据文件{file}无法使用。"


class NoTextInForce(CreditError):
    """No version of the text was in force on the day asked about [6.3]."""

    code = "NO_TEXT_IN_FORCE"

    def __init__(self, topic: str, on: date) -> None:
        super().__init__(topic, on)
        self.topic = topic
        self.on = on
        self.message = f"No version of the text {topic} was in force on {on.isoformat()}."
        self.message_zh = f"{on.isoformat()}尚无有效的政策文本。"
