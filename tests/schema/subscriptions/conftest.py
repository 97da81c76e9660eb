"""Services whose subscribers need not wait, with a clock that tests put forward."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest

from tests.builders import NOW
from tests.schema.service import ServiceUnderTest, open_service, settings_for
from tests.schema.subscriptions.listeners import QUICK


@dataclass(slots=True)
class Clock:
    """The clock of the service."""

    at: datetime = NOW

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def service(database_url: str, kek: Path, clock: Clock) -> AsyncIterator[ServiceUnderTest]:
    """Give a service with sample data of its own. Nothing unexpected may happen in it."""
    async with open_service(settings_for(kek, database_url, **QUICK), now=clock) as fresh:
        yield fresh
        fresh.services.subscriptions.close()
        assert fresh.failures == []
