"""Legal capacity: a person without full capacity to act is not restrained [Shandong 2] [3.2].

**Reading**: what counts is the day of the breach, or that of its collection where that day is unknown [5.1.5]. A person
is of an age from the day after its birthday: on the birthday itself it is still a minor.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

from credit.subjects.refusals import WITHOUT_FULL_CAPACITY, WithoutFullCapacity

OF_AGE: Final = 18
"""The age of majority, in full years [Civil Code 17]."""
SELF_SUPPORTING_FROM: Final = 16
"""From this age who lives on the income of its own work counts as having full capacity [Civil Code 18]."""


@dataclass(frozen=True, slots=True)
class LegalCapacity:
    """What decides a subject's capacity on one day: its age, None for an organisation, and a recorded guardianship."""

    age: int | None
    is_guarded: bool


def age_on(born: date, day: date) -> int:
    """Return the full years of a person on *day*; a year is full on the day after the birthday."""
    before = (day.month, day.day) <= (born.month, born.day)
    return day.year - born.year - before


def require_full_capacity(capacity: LegalCapacity, *, is_self_supporting: bool = False) -> None:
    """Raise WithoutFullCapacity for a minor, except who is 16 or 17 and shown to support itself, and for a ward.

    A ward is an adult for whom a guardian was recorded on that day; the guardian of a minor adds nothing.
    """
    age = capacity.age
    if age is not None and age < OF_AGE:
        if age < SELF_SUPPORTING_FROM or not is_self_supporting:
            raise WithoutFullCapacity(WITHOUT_FULL_CAPACITY)
    elif capacity.is_guarded:
        raise WithoutFullCapacity(WITHOUT_FULL_CAPACITY)
