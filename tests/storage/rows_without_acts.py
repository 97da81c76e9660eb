"""Rows that a test lays down by itself have no acts and no entries: what rests on them is not compared with the ledger.

`tests/gateway/ledger` compares on a district whose every record was made by acts.
"""

from uuid import UUID

import pytest

from gateway import wiring
from storage import unit_of_work


class NothingCompared:
    """Finds every record as the ledger says."""

    def __init__(self, *_: object) -> None:
        pass

    async def require_cases(self, subject_id: UUID) -> None:
        """Accept them."""

    async def require_authorisation(self, subject_id: UUID, authorisation_id: UUID) -> None:
        """Accept it."""

    async def is_granted(self, *_: UUID) -> bool:
        """Accept it."""
        return True

    async def require_application(self, subject_id: UUID, application_id: UUID) -> None:
        """Accept it."""


@pytest.fixture(autouse=True)
def rows_without_acts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compare nothing before a decision."""
    for module in (unit_of_work, wiring):
        monkeypatch.setattr(module, "LedgerComparer", NothingCompared)
