"""Clock, ids and randomness of this process. They enter here, and are passed on from here."""

import os
import uuid
from collections.abc import Callable
from datetime import UTC, datetime

from credit.calendar.deadlines import civil_date
from gateway.uuid7 import time_ordered
from schema.core.ports import Runtime

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """Return the current instant."""
    return datetime.now(UTC)


def runtime(now: Clock = utc_now) -> Runtime:
    """Return clock, ids and randomness. Ids are random (version 4): they show neither order nor time."""
    return Runtime(
        now=now,
        today=civil_date,
        random=os.urandom,
        new_id=uuid.uuid4,
        new_entry_id=lambda at: time_ordered(at, os.urandom),
    )
