"""How grave a breach may be at most, by circumstance [5.1.2]."""

import pytest

from credit.cases.case import Severity
from credit.cases.refusals import DISCIPLINE_NOT_EXCLUDED, DISCIPLINE_REACHED, PENALTY_REACHED, PenaltyReached
from credit.cases.rules.severity import require_short_of
from credit.cases.status import Circumstance
from credit.core.errors import StepNotWellFormed
from tests.refusals import refuses

A_TO_D = [each for each in Circumstance if each is not Circumstance.OTHER]


@pytest.mark.parametrize("circumstance", A_TO_D)
@pytest.mark.parametrize(
    ("clause", "severity", "refusal"),
    [
        ("[5.1.2] short of a penalty", "SHORT_OF_PENALTY", None),
        ("[5.1.2] it reaches a penalty", "PENALTY_REACHED", PENALTY_REACHED),
        ("[5.1.2e] asks what no other circumstance asks", "SHORT_OF_DISCIPLINE", StepNotWellFormed),
        ("[5.1.2e] another measure is no answer here", "DISCIPLINE_REACHED", StepNotWellFormed),
    ],
)
def test_the_four_named_circumstances_are_short_of_a_penalty(circumstance, clause, severity, refusal):
    examine(circumstance, severity, refusal)


@pytest.mark.parametrize(
    ("clause", "severity", "refusal"),
    [
        ("[5.1.2e] short of discipline", "SHORT_OF_DISCIPLINE", None),
        ("[5.1.2e] discipline is wider than a penalty", "SHORT_OF_PENALTY", DISCIPLINE_NOT_EXCLUDED),
        ("[5.1.2] it reaches a penalty", "PENALTY_REACHED", PENALTY_REACHED),
        ("[5.1.2e] it reaches another measure", "DISCIPLINE_REACHED", DISCIPLINE_REACHED),
    ],
)
def test_other_breaches_are_short_of_discipline(clause, severity, refusal):
    examine(Circumstance.OTHER, severity, refusal)


def test_what_reaches_either_leaves_by_referral():
    """[5.1.2] [5.1.2e]"""
    for severity in ("PENALTY_REACHED", "DISCIPLINE_REACHED"):
        with refuses(PenaltyReached) as refused:
            require_short_of(Circumstance.OTHER, Severity(severity))
        assert refused.value.remedy == "referCase"


def examine(circumstance, severity, refusal):
    if refusal is None:
        require_short_of(circumstance, Severity(severity))
    else:
        with refuses(refusal):
            require_short_of(circumstance, Severity(severity))
