"""What a consultation refuses [5.2.3]: one branch, and below it its reasons.

CreditError
└── ConsultationRefused   it cannot be answered as it was asked
"""

from credit.core.errors import CreditError
from credit.core.refusals import Reason


class ConsultationRefused(CreditError):
    """A consultation that cannot be answered in this form [5.2.3]."""


# fmt: off
# --- ConsultationRefused -------------------------------------------------------------------------------------------

NOBODY_NAMED = Reason("NOBODY_NAMED", "5.2.3",
    "The consultation names nobody.", "征求意见名单为空。",
    "Name whom it is about.", "请填写征求意见的对象。")
# One consultation covers the candidates of one rating, award or selection, not a whole register.
TOO_MANY_NAMES = Reason("TOO_MANY_NAMES", "5.2.3",
    "One consultation can name {most} subjects at most.", "每次征求意见最多{most}个对象。",
    "Ask in several consultations, each with its own occasion.", "请按评定事由分批提交。")
# Recipients outside government need each subject's authorisation; no statute replaces it.
STATUTE_NOT_FOR_ASSOCIATIONS = Reason("STATUTE_NOT_FOR_ASSOCIATIONS", "5.2.3",
    "An association or chamber can only ask on each subject's authorisation.",
    "行业协会、商会征求意见须逐一取得主体授权，不得以法定职责为依据。",
    "Ask the subjects for their authorisation.", "请先取得主体授权。")
# fmt: on
