"""How grave a breach may be at most: short of a penalty, and under circumstance e short of discipline [5.1.2]."""

from typing import Final

from credit.cases.case import Severity
from credit.cases.refusals import DISCIPLINE_NOT_EXCLUDED, DISCIPLINE_REACHED, PENALTY_REACHED, Lacking, PenaltyReached
from credit.cases.status import Circumstance
from credit.core.errors import StepNotWellFormed
from credit.core.flaws import Flaw

_OF_DISCIPLINE: Final = frozenset({Severity.SHORT_OF_DISCIPLINE, Severity.DISCIPLINE_REACHED})
"""The answers to the question that only circumstance e asks."""


def require_short_of(circumstance: Circumstance, severity: Severity) -> None:
    """Refuse a breach that reaches a penalty, or under circumstance e another disciplinary measure [5.1.2].

    **Reading**: "discipline" (惩戒) is wider than an administrative penalty, so under [5.1.2e] to be short of a penalty
    is not enough, and a breach that reaches another measure leaves this procedure like one that reaches a penalty. The
    other circumstances do not ask for it.
    """
    if severity is Severity.PENALTY_REACHED:
        raise PenaltyReached(PENALTY_REACHED)
    if circumstance is not Circumstance.OTHER:
        if severity in _OF_DISCIPLINE:
            raise StepNotWellFormed.of("severity", Flaw.NOT_OF_CIRCUMSTANCE)
        return
    if severity is Severity.DISCIPLINE_REACHED:
        raise PenaltyReached(DISCIPLINE_REACHED)
    if severity is Severity.SHORT_OF_PENALTY:
        raise Lacking(DISCIPLINE_NOT_EXCLUDED)
