"""Applications: their channels [4.2] and how far they have come."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from credit.applications.application import Application, Facilitation, Outcome, accept, decide, status, withdraw
from credit.applications.refusals import ALREADY_ACCEPTED, APPLICATION_OVER, NOT_ACCEPTED_YET
from credit.core.errors import CreditError
from tests.refusals import refuses

MORNING, NOON = datetime(2026, 3, 5, 1, tzinfo=UTC), datetime(2026, 3, 5, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    ("case", "accepted_at", "decided_at", "outcome", "expected"),
    [
        ("just filed", None, None, None, "FILED"),
        ("accepted", MORNING, None, None, "ACCEPTED"),
        ("approved", MORNING, NOON, Outcome.APPROVED, "DECIDED"),
        ("refused", MORNING, NOON, Outcome.REFUSED, "DECIDED"),
        ("refused without being accepted", None, NOON, Outcome.REFUSED, "DECIDED"),
        ("withdrawn by the applicant", MORNING, NOON, Outcome.WITHDRAWN, "WITHDRAWN"),
        ("the outcome as the database gives it", MORNING, NOON, "WITHDRAWN", "WITHDRAWN"),
    ],
)
def test_the_status_is_read_off_the_facts(case, accepted_at, decided_at, outcome, expected):
    assert status(accepted_at=accepted_at, decided_at=decided_at, outcome=outcome) == expected


@pytest.mark.parametrize(
    ("facilitation", "clause"),
    [("ORDINARY", "4.1"), ("GREEN_CHANNEL", "4.2.1"), ("DEFERRED_DOCUMENTS", "4.2.2"), ("COMMITMENT", "4.2.3")],
)
def test_each_channel_has_its_clause(facilitation, clause):
    """[4.2.1] [4.2.2] [4.2.3]"""
    assert Facilitation(facilitation).clause == clause
    assert Facilitation(facilitation).zh


FILED = Application(UUID(int=1), UUID(int=2), "M-1", "LZ-SPFW", "办-1", Facilitation.ORDINARY, "clerk-1", MORNING)
ACCEPTED = accept(FILED, NOON)


@pytest.mark.parametrize(
    ("case", "take", "becomes"),
    [
        ("accepted", lambda: accept(FILED, NOON), "ACCEPTED"),
        ("approved once accepted", lambda: decide(ACCEPTED, Outcome.APPROVED, NOON), "DECIDED"),
        ("refused without being accepted", lambda: decide(FILED, Outcome.REFUSED, NOON), "DECIDED"),
        ("withdrawn before acceptance", lambda: withdraw(FILED, NOON), "WITHDRAWN"),
        ("withdrawn after it", lambda: withdraw(ACCEPTED, NOON), "WITHDRAWN"),
    ],
)
def test_each_step_leads_on(case, take, becomes):
    """[4.2]"""
    assert take().status == becomes, case


@pytest.mark.parametrize(
    ("case", "take", "refusal"),
    [
        ("accepted twice", lambda: accept(ACCEPTED, NOON), ALREADY_ACCEPTED),
        ("approved without being accepted", lambda: decide(FILED, Outcome.APPROVED, NOON), NOT_ACCEPTED_YET),
        ("withdrawn by the department's own decision", lambda: decide(ACCEPTED, Outcome.WITHDRAWN, NOON), CreditError),
        ("accepted after it was withdrawn", lambda: accept(withdraw(FILED, NOON), NOON), APPLICATION_OVER),
        (
            "withdrawn after the decision",
            lambda: withdraw(decide(FILED, Outcome.REFUSED, NOON), NOON),
            APPLICATION_OVER,
        ),
        (
            "decided twice",
            lambda: decide(decide(FILED, Outcome.REFUSED, NOON), Outcome.REFUSED, NOON),
            APPLICATION_OVER,
        ),
    ],
)
def test_what_does_not_follow_is_refused_by_name(case, take, refusal):
    """[4.2]"""
    with refuses(refusal) as error:
        take()
    assert error.value.message_zh, case
