"""The numbers that a department has given: of applications, of cases, of each kind of notice [4.2] [5.1.3] [A].

A number is claimed in the transaction that gives it. Of two that claim the same at once, the second waits for the
first and, unless that was undone, is told that the number is taken.
"""

from collections.abc import Iterable
from typing import Final

from credit.notices.facts import NoticeKind
from storage.database.conflicts import insert_once
from storage.database.session import Session
from storage.tables import taken_numbers

APPLICATION: Final = "APPLICATION"
CASE: Final = "CASE"
NUMBERED: Final = frozenset({NoticeKind.NOTICE, NoticeKind.REVIEW_DECISION, NoticeKind.REMINDER})
"""The notices with a number of their own. The others take theirs from a document, which may be about several cases."""


async def claim(session: Session, department_code: str, series: str, number: str) -> bool:
    """Take *number* of *series* for the department; False where it is taken."""
    row = {"department_code": department_code, "series": series, "number": number}
    return await session.execute(insert_once(taken_numbers).values(row)) == 1


async def note(session: Session, series: str, numbers: Iterable[tuple[str, str]]) -> None:
    """Note the numbers, each with its department, of what came in numbered; they may be there already."""
    rows = [
        {"department_code": department_code, "series": series, "number": number}
        for department_code, number in sorted(set(numbers))  # in one order, so that two imports do not wait in a ring
    ]
    if rows:
        await session.execute(insert_once(taken_numbers), rows)
