"""Compares the read model of published cases with the facts, and rebuilds what differs.

Triggers keep it, so nothing differs unless somebody wrote into the model itself, or switched the triggers off.
"""

from typing import Any, Final

from sqlalchemy import Select, column, delete, func, insert, select, table, text, tuple_

from storage.database.database import Database
from storage.database.session import Session
from storage.tables import published_cases

_NAMES: Final = [one.name for one in published_cases.c]
_KEY: Final = list(published_cases.primary_key)
_RIGHT: Final = table("published_case_rows", *(column(one.name, one.type) for one in published_cases.c))
"""The view that says what the rows are."""


async def differing(database: Database) -> int:
    """Return how many rows of the model differ from the facts, are missing, or should not be there."""
    async with database.snapshot() as session:
        return await differing_rows(session)


async def rebuild(database: Database) -> int:
    """Bring the model up to the facts; return how many rows differed. Who publishes a case meanwhile waits."""
    async with database.writing() as session:
        if database.dialect.name == "postgresql":
            await session.execute(text(f"LOCK TABLE {published_cases.name} IN SHARE ROW EXCLUSIVE MODE"))
        found = await differing_rows(session)
        if found:
            wrong = _only_stored().subquery()
            keys = select(*(wrong.c[one.name] for one in _KEY))
            await session.execute(delete(published_cases).where(tuple_(*_KEY).in_(keys)))
            await session.execute(insert(published_cases).from_select(_NAMES, _only_right()))
    return found


async def differing_rows(session: Session) -> int:
    """Return the same in a snapshot that is open."""
    ((wrong,),) = await session.fetch(select(func.count()).select_from(_only_stored().subquery()))
    ((right,),) = await session.fetch(select(func.count()).select_from(_only_right().subquery()))
    return int(max(wrong, right))


def _only_stored() -> Any:  # noqa: ANN401 - SQLAlchemy's type of a compound SELECT is of its columns
    return _stored().except_(_as_it_should_be())


def _only_right() -> Any:  # noqa: ANN401 - as above
    return _as_it_should_be().except_(_stored())


def _stored() -> Select[Any]:
    return select(published_cases)


def _as_it_should_be() -> Select[Any]:
    return select(*(_RIGHT.c[name] for name in _NAMES))
