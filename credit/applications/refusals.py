"""What the steps of an application refuse [4]: the branches, and below them their reasons.

CreditError
├── ApplicationRefused                a step that an application is not ready for
│   └── ApplicationNumberTaken        another application of the department has this number
└── CaseChangedMeanwhile
    └── ApplicationChangedMeanwhile   somebody was faster
"""

from credit.core.errors import CaseChangedMeanwhile, CreditError
from credit.core.refusals import Reason


class ApplicationRefused(CreditError):
    """A step that the application does not allow now."""


class ApplicationNumberTaken(ApplicationRefused):
    """Another application of the department has this number."""

    reason = Reason("NUMBER_TAKEN", "4",
        "Another application of this department has this number.", "本部门已有相同编号的办件。",
        "Give another number, or none: then one is made.", "请更换办件编号；不填写的，由系统编号。")  # fmt: skip


class ApplicationChangedMeanwhile(CaseChangedMeanwhile):
    """Another caller changed it since it was read; nothing was done."""

    reason = Reason("VERSION_CONFLICT", "4",
        "The application changed in the meantime; read it again and repeat.",
        "该办件刚刚发生变更，请刷新后重试。")  # fmt: skip


# fmt: off
# --- ApplicationRefused --------------------------------------------------------------------------------------------

APPLICATION_OVER = Reason("APPLICATION_OVER", "4",
    "The application is over ({status}).", "该办件已结束（{status}）。",
    "File a new application.", "可另行提出申请。")
ALREADY_ACCEPTED = Reason("ALREADY_ACCEPTED", "4",
    "The application has been accepted already.", "该办件已受理。",
    "Decide it.", "请继续办理。")
NOT_ACCEPTED_YET = Reason("NOT_ACCEPTED_YET", "4",
    "The application has not been accepted yet.", "该办件尚未受理。",
    "Accept it first.", "请先受理。")
WITHDRAWAL_MISDATED = Reason("WITHDRAWAL_MISDATED", "4.2",
    "The paper's day must lie between {earliest} and {latest}.", "撤回书的交寄日期应在{earliest}至{latest}之间。")
# An officer entered a paper that the applicant says it never gave.
WITHDRAWAL_CONTESTED = Reason("WITHDRAWAL_CONTESTED", "4.2",
    "The applicant contested a withdrawal on paper on {since}.", "申请人已于{since}对登记的书面撤回提出异议。",
    "The applicant, or its delegate, withdraws by itself.", "由申请人或者其代理人自行撤回。")
NO_PAPER_WITHDRAWAL = Reason("NO_PAPER_WITHDRAWAL", "4.2",
    "No withdrawal on paper is in effect that could be contested.", "没有可提出异议的书面撤回。",
    "Object to the record of the application.", "可对该办件记录提出异议。")
CONTEST_MISDATED = Reason("CONTEST_MISDATED", "4.2",
    "The paper's day must lie between {earliest} and {latest}.", "异议书的交寄日期应在{earliest}至{latest}之间。")
CONTEST_OF_OWN_ENTRY = Reason("CONTEST_OF_OWN_ENTRY", "4.2",
    "You entered this withdrawal; somebody else enters a contest of it.",
    "该书面撤回由您登记，对它的书面异议须由其他人员登记。",
    "Give the paper to another officer of the department.", "请将该书面材料交由本部门其他人员登记。")
MATTER_NOT_HERE = Reason("MATTER_NOT_HERE", "4",
    "This department does not handle the matter.", "本部门不办理该事项。",
    "Send the applicant to the department that does.", "请引导申请人到该事项的办理部门。")
# A commitment is verified afterwards instead.
MATTER_COMPLETED = Reason("MATTER_COMPLETED", "4.2.3",
    "The matter was completed on the applicant's commitment already.", "该事项已凭告知承诺办结，不能再不予或者撤回。",
    "Approve it; or verify the commitment, and refuse it where that finds the commitment not met.",
    "请作准予处理；或先核验承诺，核验不符合的，可作不予处理。")
# An application is not approved on a commitment that is a breach [5.1.2d].
COMMITMENT_FOUND_UNMET = Reason("COMMITMENT_FOUND_UNMET", "4.2.3",
    "Verification found that the facts do not meet the commitment.", "经核验，事实达不到承诺内容，不能凭该承诺准予。",
    "Refuse the application; the handler can collect what was found.", "请作不予处理；失信信息由承办人员另行采集。")
# fmt: on
