"""The numbers that a department has used: of applications, of cases, of each kind of notice [4.2] [5.1.3] [A].

Each is kept by its key, so that a number typed in another habit is taken too. A number is claimed in the transaction
that uses it. If two claim the same number at once, the second waits for the first, and fails unless that rolls back.
"""

from collections.abc import Iterable
from typing import Final

from sqlalchemy import delete

from credit.core.values.document_numbers import number_key
from credit.notices.facts import NoticeKind
from storage.database.conflicts import insert_once
from storage.database.session import Session
from storage.tables import taken_numbers

APPLICATION: Final = "APPLICATION"
CASE: Final = "CASE"
NUMBERED: Final = frozenset({NoticeKind.NOTICE, NoticeKind.REVIEW_DECISION, NoticeKind.REMINDER})
"""The notices with their own number. The others use that of a document, which may be about several cases."""


async def claim(session: Session, department_code: str, series: str, number: str) -> bool:
    """Take *number* of *series* for the department; False where it is taken."""
    row = {"department_code": department_code, "series": series, "number": number_key(number)}
    return await session.execute(insert_once(taken_numbers).values(row)) == 1


async def release(session: Session, department_code: str, series: str, number: str) -> None:
    """Free *number* of *series* of the department."""
    row = taken_numbers.c
    own = row.department_code == department_code, row.series == series, row.number == number_key(number)
    await session.execute(delete(taken_numbers).where(*own))


async def note(session: Session, series: str, numbers: Iterable[tuple[str, str]]) -> None:
    """Note the numbers of imported records, each with its department; they may be noted already."""
    rows = [
        {"department_code": department_code, "series": series, "number": key}
        for department_code, key in sorted(
            {(department, number_key(number)) for department, number in numbers}
        )  # in one order, so that two imports cannot deadlock
    ]
    if rows:
        await session.execute(insert_once(taken_numbers), rows)
