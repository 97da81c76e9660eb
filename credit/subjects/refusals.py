"""Why a person cannot be put on record.

NameConflict    the number is on record under another name or kind
"""

from credit.core.errors import CreditError
from credit.core.refusals import Reason


class NameConflict(CreditError):
    """The number is on record under another name, or as another kind of subject: a person has to decide."""

    reason = Reason("NAME_CONFLICT", "5.1.3",
        "This number is on record under another name, or as another kind of subject.",
        "该号码已登记的姓名（名称）或者主体类型与所填的不一致。",
        "Look at the identity document again. If it shows the name that you gave, register with `nameConfirmed` and "
        "the reference of a copy: the head of your department then decides which name is right.",
        "请再次核对身份证件或者登记证照；确与证件一致的，请登记时填写 nameConfirmed，"
        "并注明证件留存件编号，由本单位负责人确认。")  # fmt: skip
