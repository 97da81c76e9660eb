"""What is refused because of what a subject is: the branch, and below it its reason.

CreditError
└── WithoutFullCapacity     a person without full capacity to act is not restrained
"""

from credit.core.errors import CreditError
from credit.core.refusals import Reason


class WithoutFullCapacity(CreditError):
    """A person without full capacity to act is not restrained [3.2]."""


# fmt: off
WITHOUT_FULL_CAPACITY = Reason("WITHOUT_FULL_CAPACITY", "3.2",
    "On the day of the breach the person had no full capacity to act; such a person is not restrained.",
    "失信行为发生时当事人不具有完全民事行为能力，不予失信制约。",
    "Drop the case (dropCase). For a person of 16 or 17 who lives on its own work, give the evidence of it.",
    "请撤销案件；当事人年满十六周岁、以自己的劳动收入为主要生活来源的，请补充证明材料编号。")
# fmt: on
