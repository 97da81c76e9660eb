"""What is refused because of what a subject is, or is called: the branches, and below them their reasons.

CreditError
├── WithoutFullCapacity     a person without full capacity to act is not restrained
└── NameConflict            the number is on record under another name or kind
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


class WithoutFullCapacity(CreditError):
    """A person without full capacity to act is not restrained [3.2]."""


# fmt: off
WITHOUT_FULL_CAPACITY = Reason("WITHOUT_FULL_CAPACITY", "3.2",
    "On the day of the breach the person had no full capacity to act; such a person is not restrained.",
    "失信行为发生时当事人不具有完全民事行为能力，不予失信制约。",
    "Drop the case (dropCase). For a person of 16 or 17 who lives on its own work, give the evidence of it.",
    "请撤销案件；当事人年满十六周岁、以自己的劳动收入为主要生活来源的，请补充证明材料编号。")
# fmt: on
