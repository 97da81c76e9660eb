"""A person without full capacity to act is not restrained [Shandong 2] [Civil Code 17] [Civil Code 18]."""

from datetime import date

import pytest

from credit.subjects.capacity import LegalCapacity, age_on, require_full_capacity
from credit.subjects.refusals import WITHOUT_FULL_CAPACITY
from tests.refusals import refuses


@pytest.mark.parametrize(
    ("case", "born", "day", "age"),
    [
        ("on the birthday the year is not full yet", date(2008, 3, 5), date(2026, 3, 5), 17),
        ("the day after it is", date(2008, 3, 5), date(2026, 3, 6), 18),
        ("a leap day's child in a common year", date(2008, 2, 29), date(2026, 2, 28), 17),
        ("the day after", date(2008, 2, 29), date(2026, 3, 1), 18),
        ("on New Year's Eve", date(2008, 12, 31), date(2026, 12, 31), 17),
        ("on the day of birth", date(2026, 3, 5), date(2026, 3, 6), 0),
    ],
)
def test_a_year_is_full_on_the_day_after_the_birthday(case, born, day, age):
    assert age_on(born, day) == age


@pytest.mark.parametrize(
    ("case", "age", "is_guarded", "is_self_supporting", "is_restrained"),
    [
        ("an adult", 18, False, False, True),
        ("an organisation", None, False, False, True),
        ("a child of 15", 15, False, False, False),
        ("a child of 15, whatever is shown", 15, False, True, False),
        ("at 16", 16, False, False, False),
        ("at 16, self-supporting", 16, False, True, True),
        ("at 17", 17, False, False, False),
        ("at 17, self-supporting, with parents on record", 17, True, True, True),
        ("an adult with a guardian", 40, True, False, False),
        ("an adult with a guardian, self-supporting", 40, True, True, False),
    ],
)
def test_who_is_restrained(case, age, is_guarded, is_self_supporting, is_restrained):
    capacity = LegalCapacity(age, is_guarded)
    if is_restrained:
        require_full_capacity(capacity, is_self_supporting=is_self_supporting)
        return
    with refuses(WITHOUT_FULL_CAPACITY):
        require_full_capacity(capacity, is_self_supporting=is_self_supporting)
