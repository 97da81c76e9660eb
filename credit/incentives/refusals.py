"""Why there is no incentive at this moment [4.1] [5.2.1].

    CreditError
    └── NoIncentive                whatever the reason, the ordinary channel serves
        ├── NotEligible            the matter does not offer it, or not by itself
        ├── CheckMissing · CheckStale
        ├── GovernedByMemorandum   a national memorandum governs
        ├── Restrained             restrained now, until a day where that is in sight
        ├── AdverseRecord · SourceUnknown
        ├── HelperMissing · CommitmentNotWritten
        └── AlreadyGranted

None of them quotes a value. A memorandum's name and the end of a restraint are facts about a subject all the same: they
are shown only to the clerk who made an authorised check, and logs contain the *code* alone.
"""

from datetime import date

from credit.core.errors import CreditError
from credit.core.labels import Labelled
from credit.core.refusals import Phrase, Reason


class NoIncentive(CreditError):
    """No incentive at this moment [4.1] [5.2.1]. Whatever the reason, the ordinary channel serves."""


class NotEligible(NoIncentive):
    """The incentive is not in force, or the matter's own document does not allow it [4.2.3] [4.2.4]."""


class CheckMissing(NoIncentive):
    """No credit check was made for this application [4.1]. The error does not say why [5.1.6]."""

    reason = Reason("CHECK_MISSING", "4.1",
        "No credit check has been made for this application.", "本办件尚未进行信用核查。",
        "Check with the applicant's authorisation, or go on through the ordinary channel.",
        "经申请人授权后进行信用核查，或按普通程序办理。")  # fmt: skip


class CheckStale(NoIncentive):
    """The credit check is not of the moment of granting [5.2.1]."""

    reason = Reason("CHECK_STALE", "5.2.1",
        "The credit check of {checked_on} could be relied on until {valid_until}.",
        "{checked_on}的信用核查结果仅在{valid_until}前（含当日）有效。",
        "Check anew on a live authorisation, or go on through the ordinary channel.",
        "凭有效授权重新核查，或按普通程序办理。")  # fmt: skip

    def __init__(self, checked_on: date, valid_until: date) -> None:
        super().__init__(checked_on=checked_on, valid_until=valid_until)
        self.checked_on = checked_on
        self.valid_until = valid_until


class GovernedByMemorandum(NoIncentive):
    """A national memorandum governs the subject: local measures neither add to it nor soften it [3.3]."""

    reason = Reason("GOVERNED_BY_MEMORANDUM", "3.3",
        "The subject is governed by a national memorandum: {memorandum}.",
        "该主体由国家联合奖惩备忘录管理（{memorandum}），从其规定。",
        "Apply what the memorandum itself provides; nothing local is added or taken away.",
        "按备忘录自身的规定执行，本地措施不予叠加，也不予减轻。")  # fmt: skip

    def __init__(self, memorandum: str) -> None:
        super().__init__(memorandum=memorandum)
        self.memorandum = memorandum


class Restrained(NoIncentive):
    """The subject is restrained at the moment of granting [5.2.1]. Without *until*, rectification has to come first."""

    reason = Reason("RESTRAINED", "5.2.1",
        "The subject is restrained until {until}.", "该主体处于失信制约管理期内，{until}。",
        "Ordinary channel for now. Rectified and without a new breach, the subject is free the day after [5.1.5].",
        "目前按普通程序办理；已改正且未再犯的，期满次日起恢复。")  # fmt: skip

    def __init__(self, until: date | None) -> None:
        rectified = Phrase("rectification is confirmed", "至整改确认之日止")
        super().__init__(until=rectified if until is None else Phrase(f"{until}", f"至{until}止"))
        self.until = until


class AdverseRecord(NoIncentive):
    """A source of the credit check has an adverse record [4.1]."""

    reason = Reason("ADVERSE_RECORD", "4.1",
        "The credit check found an adverse record ({source}).", "信用核查发现不良信用记录（{source}）。",
        "Ordinary channel; the subject can ask for repair or object, and be checked anew afterwards.",
        "按普通程序办理；主体可申请信用修复或提出异议，之后重新核查。")  # fmt: skip

    def __init__(self, source: Labelled) -> None:
        super().__init__(source=source)
        self.source = source


class SourceUnknown(NoIncentive):
    """A source could not be queried; unknown is never clean [4.1]."""

    reason = Reason("SOURCE_UNKNOWN", "4.1",
        "A source of the credit check gave no answer ({source}), and unknown is not clean.",
        "信用核查未能取得结果（{source}），不能视为无不良记录。",
        "Check again once the source answers, or go on through the ordinary channel.",
        "待查询恢复后重新核查，或按普通程序办理。")  # fmt: skip

    def __init__(self, source: Labelled) -> None:
        super().__init__(source=source)
        self.source = source


class HelperMissing(NoIncentive):
    """A green channel needs a named helper [4.2.1]."""

    reason = Reason("HELPER_MISSING", "4.2.1",
        "This incentive needs a named helper.", "此项激励措施须指定专人帮办。", "Name the helper by staff reference.",
        "请填写帮办人员的工作编号。")  # fmt: skip


class CommitmentNotWritten(NoIncentive):
    """The incentive needs a written commitment, and no file reference was given [4.2.2] [4.2.3]."""

    reason = Reason("COMMITMENT_NOT_WRITTEN", "4.2.2",
        "This incentive needs the applicant's written commitment.", "此项激励措施须有申请人的书面承诺。",
        "Attach the written commitment by reference, or go on through the ordinary channel.",
        "请登记书面承诺的档案编号，或按普通程序办理。")  # fmt: skip


class AlreadyGranted(NoIncentive):
    """The application already has this incentive."""

    reason = Reason("ALREADY_GRANTED", "4.2",
        "The application has this incentive already.", "该办件已享受此项激励措施。", "Nothing is left to do.",
        "无需重复办理。")  # fmt: skip


# fmt: off
# --- NotEligible ---------------------------------------------------------------------------------------------------

NOT_ELIGIBLE = Reason("NOT_ELIGIBLE", "4.2.3",
    "This matter does not offer the incentive {incentive}.", "该事项不适用此项激励措施（{incentive}）。",
    "The application goes on through the ordinary channel.", "可按普通程序继续办理。")
# Such an incentive is granted together with its promise, which has a date or limits [4.2.3].
PROMISE_NEEDED = Reason("PROMISE_NEEDED", "4.2.2",
    "The incentive {incentive} is granted with the promise that it rests on, and not by itself.",
    "此项激励措施（{incentive}）须与申请人的承诺一并登记，不能单独给予。",
    "Record what is missing and by when (deferDocuments), or the commitment (makeCommitment).",
    "请登记所缺材料和补交日期（容缺受理），或者登记告知承诺。")
# fmt: on
