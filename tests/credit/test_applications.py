"""Applications: their channels [4.2] and how far they have come."""

from datetime import UTC, datetime

import pytest

from credit.applications import Facilitation, Outcome, status

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
