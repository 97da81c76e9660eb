"""Counts a year's figures, and publishes no count that points at one person [6.1] [6.3]."""

import asyncio
from collections.abc import Sequence
from datetime import date, datetime

from consent.ledger.system_entries import ReferenceData
from credit.calendar.calendar import Calendar
from credit.cases.rules.deadlines import PROMISED, SUBJECTS_OWN, ClockName
from credit.cases.status import UnrectifiedPolicy
from credit.incentives.incentive import Incentive
from credit.statistics.figures import Lateness, YearFigures, figures
from credit.statistics.suppression import NONE_HIDDEN
from policy.crypto.keyring import Keyring
from schema.execution.planning.due_day_binds import worklist_binds
from storage.database.database import Database
from storage.ledger.system_entries import digest_of_rows, state
from storage.repositories.figures.lateness import lateness
from storage.repositories.figures.year_rows import YearRows, publish, published, year_rows
from storage.unit_of_work import SqlUnitOfWork

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
        self._published: dict[int, YearFigures] = {}

    async def published(self, year: int, now: datetime, today: date, calendar: Calendar) -> YearFigures:
        """Return the figures of a past year as they were first published; publish them if they were not [6.3].

        They stay as they are: the difference of two releases would tell of a case that became confidential in between.
        """
        if year not in self._published:
            async with self._database.snapshot() as session:
                found = await published(session, year)
            if found is None:
                counted = await self.of_year(year, today, calendar)
                async with SqlUnitOfWork(self._database) as work:
                    found = await publish(work.session, year, counted.written(), now)
                    name = f"published-figures/{year}"
                    await state(work.session, ReferenceData(now, name, 1, digest_of_rows([found])), name)
                    await work.commit()
            self._published = {**self._published, year: YearFigures.read(found)}
        return self._published[year]

    async def of_year(self, year: int, today: date, calendar: Calendar, *, hide_small: bool = True) -> YearFigures:
        """Return the figures of *year* as of its last day; for the current year, as of today.

        Small counts are hidden in what is published [6.3]; with *hide_small* false, for who supervises, none is [6.1].
        """
        as_of = min(today, date(year, 12, 31))
        async with self._database.snapshot() as session:
            rows = await year_rows(session, year, as_of, calendar, self._unrectified)
        return await asyncio.to_thread(self._count, year, as_of, rows, self._k if hide_small else NONE_HIDDEN)

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
            late_entries=rows.late_entries,
            grants=rows.grants,
            k=k,
        )
        return YearFigures.of(found, rows.departments, self._incentives, k)

    async def lateness(self, department: str | None, today: date, calendar: Calendar) -> Sequence[Lateness]:
        """Return counts of what waits, is due soon and is late, by department and handler."""
        async with self._database.snapshot() as session:
            return await lateness(session, department, worklist_binds(calendar, today))
