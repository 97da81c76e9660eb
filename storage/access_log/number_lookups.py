"""Counts lookups by number for the alarms: who finds nobody too often, and which neighbours are tried [5.1.6]."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, case, func, select

from consent.leaves.number_lookups import Entrance, LookupOutcome
from storage.database.session import Session
from storage.tables import number_lookups

_ROW = number_lookups.c
WHOLE = (Entrance.REGISTRATION.value, Entrance.IMPORT.value, Entrance.PUSH.value)
"""The entrances at which a number comes with the whole of its person, to be put on record if it is new."""


@dataclass(frozen=True, slots=True)
class SearchesOfCaller:
    """How many numbers one caller searched, and how many of them without an answer."""

    caller: str
    department: str | None
    searches: int
    misses: int


@dataclass(frozen=True, slots=True)
class TriedNeighbours:
    """How many numbers of one neighbourhood were tried, by how many callers, and one of them."""

    neighbourhood: str
    numbers: int
    callers: int
    caller: str


async def count_lookups(session: Session, since: datetime) -> int:
    """Return the number of lookups since an instant."""
    ((counted,),) = await session.fetch(select(func.count()).where(_ROW.at >= since))
    return int(counted)


async def callers_who_miss(
    session: Session, since: datetime, *, least: int, percent: int
) -> Sequence[SearchesOfCaller]:
    """Return the callers with *least* searches or more, of which at least *percent* in a hundred found nobody.

    A number that is tried again counts once. A consultation is left out: it answers the same for nobody and for
    somebody who is not restrained. So is what puts a person on record: a number is new by the nature of it.
    """
    searches, misses = func.count(), func.sum(case((_ROW.outcome == LookupOutcome.MISS.value, 1), else_=0))
    found: Select[tuple[str, str | None, int, int]] = (
        select(_ROW.caller, func.max(_ROW.department_code), searches, misses)
        .where(*_new_since(since), _ROW.entrance.in_([Entrance.SEARCH.value, Entrance.CORRECTION.value]))
        .group_by(_ROW.caller)
        .having(searches >= least, misses * 100 >= searches * percent)
        .order_by(_ROW.caller)
    )
    return [SearchesOfCaller(*row) for row in await session.fetch(found)]


async def callers_in_conflict(session: Session, since: datetime, *, least: int) -> Sequence[SearchesOfCaller]:
    """Return the callers who gave *least* persons or more whom the record refused, such as by another name.

    A number that is tried again counts once. How many were new says nothing: a right list is full of new ones.
    """
    numbers, misses = func.count(), func.sum(case((_ROW.outcome == LookupOutcome.MISS.value, 1), else_=0))
    found: Select[tuple[str, str | None, int, int]] = (
        select(_ROW.caller, func.max(_ROW.department_code), numbers, misses)
        .where(*_new_since(since), _ROW.entrance.in_(WHOLE))
        .group_by(_ROW.caller)
        .having(numbers - misses >= least)
        .order_by(_ROW.caller)
    )
    return [SearchesOfCaller(*row) for row in await session.fetch(found)]


async def tried_neighbours(session: Session, since: datetime, *, least: int) -> Sequence[TriedNeighbours]:
    """Return the neighbourhoods of which at least *least* numbers were tried, by anybody.

    A number that is tried again counts once. Registering is left out: it repeats what was searched before. So are the
    rows of files and the pushes of platforms: among thousands of right ones some are always neighbours.
    """
    numbers = func.count()
    found: Select[tuple[str, int, int, str]] = (
        select(_ROW.neighbourhood, numbers, func.count(_ROW.caller.distinct()), func.min(_ROW.caller))
        .where(*_new_since(since), _ROW.entrance.not_in(WHOLE))
        .group_by(_ROW.neighbourhood)
        .having(numbers >= least)
        .order_by(_ROW.neighbourhood)
    )
    return [TriedNeighbours(*row) for row in await session.fetch(found)]


def _new_since(since: datetime) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return _ROW.at >= since, _ROW.is_repeated.is_(False)
