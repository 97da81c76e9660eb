"""Counts a year's figures, and publishes no count that points at one person [6.1] [6.3]."""

import asyncio
from collections.abc import Sequence
from datetime import date

from credit.calendar.calendar import Calendar
from credit.cases.rules.deadlines import PROMISED, SUBJECTS_OWN, ClockName
from credit.cases.status import UnrectifiedPolicy
from credit.incentives.incentive import Incentive
from credit.statistics.figures import Lateness, YearFigures, figures
from credit.statistics.suppression import NONE_HIDDEN
from policy.crypto.keyring import Keyring
from schema.execution.planning.due_day_binds import worklist_binds
from storage.database.database import Database
from storage.repositories.figures import YearRows, lateness, year_rows

CLOCKS = tuple(clock.value for clock in ClockName if clock not in SUBJECTS_OWN | PROMISED)
"""The clocks that bind the authority; a subject's own time limits and promises do not measure a department."""


class YearFigureService:
    """Implements `schema.core.ports.FigureService`."""

    def __init__(
        self,
        database: Database,
        keyring: Keyring,
        unrectified: UnrectifiedPolicy,
        incentives: Sequence[Incentive],
        k: int,
    ) -> None:
        self._database = database
        self._keyring = keyring
        self._unrectified = unrectified
        self._incentives = {one.code: one.name_zh for one in incentives}
        self._k = k
        self._closed: dict[tuple[int, Calendar, bool], YearFigures] = {}

    async def of_year(self, year: int, today: date, calendar: Calendar, *, hide_small: bool = True) -> YearFigures:
        """Return the figures of *year* as of its last day; for the current year, as of today.

        Small counts are hidden in what is published [6.3]; with *hide_small* false, for who supervises, none is [6.1].
        Each process counts a past year once: steps cannot be backdated, so little of it can change.
        """
        over = today.year > year
        if over and (year, calendar, hide_small) in self._closed:
            return self._closed[year, calendar, hide_small]
        as_of = min(today, date(year, 12, 31))
        async with self._database.snapshot() as session:
            rows = await year_rows(session, year, as_of, calendar, self._unrectified)
        counted = await asyncio.to_thread(self._count, year, as_of, rows, self._k if hide_small else NONE_HIDDEN)
        if over:
            self._closed = {**self._closed, (year, calendar, hide_small): counted}
        return counted

    def _count(self, year: int, as_of: date, rows: YearRows, k: int) -> YearFigures:
        codes = {one.incentive for one in rows.grants} | self._incentives.keys()
        found = figures(
            year=year,
            as_of=as_of,
            # The order decides which of several cells is hidden, so it must not be predictable.
            departments=self._keyring.shuffled(rows.departments, f"figures/{year}"),
            incentives=sorted(codes),
            clocks=CLOCKS,
            cases=rows.cases,
            taken_over=rows.taken_over,
            clock_records=rows.clocks,
            corrections=rows.corrections,
            grants=rows.grants,
            k=k,
        )
        return YearFigures(found, rows.departments, self._incentives, k)

    async def lateness(self, department: str | None, today: date, calendar: Calendar) -> Sequence[Lateness]:
        """Return counts of what waits, is due soon and is late, by department and handler."""
        async with self._database.snapshot() as session:
            return await lateness(session, department, worklist_binds(calendar, today))
