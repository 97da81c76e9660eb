"""What the steps of an application refuse [4].

CreditError
├── WithWayOut
│   ├── ApplicationRefused   ApplicationOver · AlreadyAccepted · NotAcceptedYet · NumberTaken · MatterNotHere
│   │                        MatterCompleted · CommitmentFoundUnmet
│   └── NoIncentive          AlreadyGranted: the rest of it stands in `credit/incentives/refusals.py`
└── CaseChangedMeanwhile     ApplicationChangedMeanwhile
"""

from credit.core.errors import CaseChangedMeanwhile
from credit.core.labels import Labelled
from credit.incentives.refusals import NoIncentive, WithWayOut


class ApplicationRefused(WithWayOut):
    """A step that an application is not ready for."""

    code = "APPLICATION_REFUSED"


class ApplicationOver(ApplicationRefused):
    """It was decided or withdrawn."""

    code = "APPLICATION_OVER"
    message = "The application is over ({status})."
    message_zh = "该办件已结束（{status}）。"
    way_out = "File a new application."
    way_out_zh = "可另行提出申请。"

    def __init__(self, status: Labelled) -> None:
        super().__init__(status=status)
        self.status = status


class AlreadyAccepted(ApplicationRefused):
    """It was accepted before."""

    code = "ALREADY_ACCEPTED"
    message = "The application has been accepted already."
    message_zh = "该办件已受理。"
    way_out = "Decide it."
    way_out_zh = "请继续办理。"


class NotAcceptedYet(ApplicationRefused):
    """Nothing is approved that was not accepted."""

    code = "NOT_ACCEPTED_YET"
    message = "The application has not been accepted yet."
    message_zh = "该办件尚未受理。"
    way_out = "Accept it first."
    way_out_zh = "请先受理。"


class NumberTaken(ApplicationRefused):
    """Another application of the window has this number."""

    code = "NUMBER_TAKEN"
    message = "Another application of this department has this number."
    message_zh = "本部门已有相同编号的办件。"
    way_out = "Give another number, or none: then one is made."
    way_out_zh = "请更换办件编号；不填写的，由系统编号。"


class MatterNotHere(ApplicationRefused):
    """The clerk's department does not handle the matter."""

    code = "MATTER_NOT_HERE"
    message = "This department does not handle the matter."
    message_zh = "本部门不办理该事项。"
    way_out = "Send the applicant to the department that does."
    way_out_zh = "请引导申请人到该事项的办理部门。"


class MatterCompleted(ApplicationRefused):
    """What was completed on a commitment is not refused or withdrawn: it is verified afterwards [4.2.3]."""

    code = "MATTER_COMPLETED"
    message = "The matter was completed on the applicant's commitment already."
    message_zh = "该事项已凭告知承诺办结，不能再不予或者撤回。"
    way_out = "Approve it; or verify the commitment, and refuse it where that finds the commitment not met."
    way_out_zh = "请作准予处理；或先核验承诺，核验不符合的，可作不予处理。"


class CommitmentFoundUnmet(ApplicationRefused):
    """What verification found to fall short of the commitment is not approved on it [4.2.3] [5.1.2d]."""

    code = "COMMITMENT_FOUND_UNMET"
    message = "Verification found that the facts do not meet the commitment."
    message_zh = "经核验，事实达不到承诺内容，不能凭该承诺准予。"
    way_out = "Refuse the application; the handler can collect what was found."
    way_out_zh = "请作不予处理；失信信息由承办人员另行采集。"


class AlreadyGranted(NoIncentive):
    """The application has this incentive."""

    code = "ALREADY_GRANTED"
    message = "The application has this incentive already."
    message_zh = "该办件已享受此项激励措施。"
    way_out = "Nothing is left to do."
    way_out_zh = "无需重复办理。"


class ApplicationChangedMeanwhile(CaseChangedMeanwhile):
    """Somebody else changed it since it was read; nothing was done."""

    message = "The application changed in the meantime; read it again and repeat."
    message_zh = "该办件刚刚发生变更，请刷新后重试。"
