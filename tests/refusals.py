"""What a test expects of a refusal: its reason, or its branch where that has one reason only."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import pytest

from consent.errors import ConsentError, ConsentReason
from credit.core.errors import CreditError
from credit.core.refusals import Reason

Why = Reason | ConsentReason | type[Exception]


@contextmanager
def refuses(why: Why) -> Iterator[pytest.ExceptionInfo[Any]]:
    """Expect a refusal for this reason, or of this branch."""
    branch = why if isinstance(why, type) else (CreditError, ConsentError)
    with pytest.raises(branch) as caught:
        yield caught
    if not isinstance(why, type):
        assert caught.value.reason == why


def decisive_day(error: Exception) -> date | None:
    """Return the day that a refusal of the procedure names, if any."""
    days = (getattr(error, name, None) for name in ("until", "since", "nearest"))
    return next((day for day in days if day is not None), None)
