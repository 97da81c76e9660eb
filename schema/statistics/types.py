"""The figures of a year, for supervision and for the public: counts without personal data [6.1] [6.3]."""

from collections.abc import Iterable, Mapping
from datetime import date

import strawberry

from consent.vocabulary import DataClass
from credit.cases.rules.deadlines import ClockName
from credit.cases.status import Circumstance, CollectionChannel
from credit.statistics.figures import ClockOutcome, DepartmentSheet, Dimension, PeriodState, PromiseOutcome, YearFigures
from credit.statistics.suppression import Count
from policy.decisions import Withheld
from queryplan.entities import Entity
from queryplan.scopes import Scope
from schema.core.context import Info, RequestContext
from schema.core.global_ids import code_of

FIRST_YEAR = 2022
"""The year of the governing document."""


@strawberry.type(
    description="数量：how many of one kind. A count that could identify a person is null, not rounded [6.1]."
)
class FigureCount:
    code: str = strawberry.field(description="What is counted.")
    label: str = strawberry.field(description="The same in Chinese.")
    count: int | None = strawberry.field(description="How many; null where it is hidden.")


@strawberry.type(description="办理时限：one clock of the authority, and how often it was met and missed [5.1.4] [6.1].")
class ClockFigures:
    clock: ClockName = strawberry.field(description="Which clock.")
    label: str = strawberry.field(description="The same in Chinese.")
    clause: str = strawberry.field(description="The clause that sets it.")
    met: int | None = strawberry.field(description="按期：how often in time.")
    missed: int | None = strawberry.field(description="逾期：how often too late, or not at all.")
    running: int | None = strawberry.field(description="未到期：how many were still running.")


@strawberry.type(description="年度考核表：the yearly sheet of a department, or of the whole district [6.1].")
class FigureSheet:
    department: str | None = strawberry.field(description="The department's code; null for the whole district.")
    name: str | None = strawberry.field(description="Its name.")
    cases: int | None = strawberry.field(description="案件：cases collected in the year.")
    taken_over: int | None = strawberry.field(
        description="历史数据：confirmed records from before the cut-over date, taken over in the year; no other "
        "figure contains them [5.1.4]."
    )
    by_circumstance: list[FigureCount] = strawberry.field(description="认定情形：by circumstance [5.1.2].")
    by_channel: list[FigureCount] = strawberry.field(description="采集途径：by channel [5.1.3].")
    by_standing: list[FigureCount] = strawberry.field(
        description="案件结果：determined, repaired, overturned, or none of these yet. Each case counts once."
    )
    corrections: int | None = strawberry.field(description="修改或移除：corrections made in the year [5.1.4(6)].")
    late_entries: int | None = strawberry.field(
        description="补录：steps recorded in the year on a later day than their own [5.1.4]."
    )
    incentives: int | None = strawberry.field(description="守信激励：incentives granted in the year [4.2].")
    by_incentive: list[FigureCount] = strawberry.field(description="激励措施：by incentive.")
    by_promise: list[FigureCount] = strawberry.field(description="承诺履行：what became of the promises behind them.")
    clocks: list[ClockFigures] = strawberry.field(description="办理时限：clocks that were due in the year.")
    days_to_decision: int | None = strawberry.field(
        description="认定用时：the median of days from collection to determination; null where there are too few."
    )


@strawberry.type(description="年度统计：the figures of a year. They hold no personal data [6.1] [6.3].")
class YearSheets:
    year: int = strawberry.field(description="The year.")
    as_of: date = strawberry.field(
        description="The day of the figures: the last day of the year, or today for the current year."
    )
    hidden_below: int = strawberry.field(
        description="Counts below this are hidden, and so are other counts that would reveal them; 1 where none is."
    )
    district: FigureSheet | None = strawberry.field(description="The whole district; null for a department's head.")
    departments: list[FigureSheet] = strawberry.field(description="The departments, by code.")


@strawberry.type(description="逾期情况：what waits with one handler today [5.1.4] [6.1].")
class HandlerLateness:
    department: str = strawberry.field(description="The department's code.")
    handler: str = strawberry.field(description="经办人：the handler's staff reference.")
    waiting: int = strawberry.field(description="待办：how many steps of the authority wait in this handler's cases.")
    due_soon: int = strawberry.field(description="即将到期：how many of them are due within two working days.")
    late: int = strawberry.field(description="逾期：how many of them are late.")


@strawberry.type
class FigureQuery:
    """The roots of this topic."""

    @strawberry.field(
        description="年度统计：the figures of a year: for the district office of all departments, for a head of the "
        "own department; for the current year, figures to date. Every count is shown: what is published hides the "
        "small ones [6.1] [6.3]."
    )
    async def figures(self, info: Info, year: int, department: strawberry.ID | None = None) -> YearSheets | None:
        context = info.context
        if not FIRST_YEAR <= year <= context.today.year:
            return None
        asked, own = _asked(department), _own(context)
        found = await context.figures.of_year(year, context.today, context.calendar, hide_small=False)
        return _sheets(
            found, [code for code in found.departments if own in {None, code} and asked in {None, code}], own
        )

    @strawberry.field(
        description="统计公开：the figures of a past year, for everyone, without a purpose. Null for the current "
        "year: the figures of a year are published once and stay as they were, because two releases could be compared "
        "[6.3]."
    )
    async def published_figures(self, info: Info, year: int) -> YearSheets | None:
        context = info.context
        if not FIRST_YEAR <= year < context.today.year:
            return None
        found = await context.figures.published(year, context.now, context.today, context.calendar)
        return _sheets(found, found.departments, None)

    @strawberry.field(
        description="逾期情况：by department and handler, the number of open, soon due and late tasks today: for the "
        "district office of all departments, for a head of the own department. `worklist` lists them [5.1.4] [6.1]."
    )
    async def overdue_by_handler(self, info: Info, department: strawberry.ID | None = None) -> list[HandlerLateness]:
        context = info.context
        asked, own = _asked(department), _own(context)
        if asked is not None and own not in {None, asked}:
            return []
        found = await context.figures.lateness(asked or own, context.today, context.calendar)
        return [
            HandlerLateness(
                department=one.department,
                handler=one.handler,
                waiting=one.waiting,
                due_soon=one.due_soon,
                late=one.late,
            )
            for one in found
        ]


def _asked(department: strawberry.ID | None) -> str | None:
    """Return the code of the department asked for; raises BadId."""
    return None if department is None else code_of(department, Entity.DEPARTMENT)


def _own(context: RequestContext) -> str | None:
    """Return the department to which the caller is bound; None where all are open."""
    granted = context.policy.read(context.actor.role, context.purpose, DataClass.FIGURES)
    if isinstance(granted, Withheld):
        raise TypeError("a root that was admitted has a grant")
    return None if any(grant.scope is Scope.ALL for grant in granted) else context.actor.department or ""


def _sheets(found: YearFigures, codes: Iterable[str], own: str | None) -> YearSheets:
    return YearSheets(
        year=found.year,
        as_of=found.as_of,
        hidden_below=found.k,
        district=_sheet(found, None) if own is None else None,
        departments=[_sheet(found, code) for code in sorted(codes)],
    )


def _sheet(found: YearFigures, department: str | None) -> FigureSheet:
    one = found.sheet(department)
    return FigureSheet(
        department=department,
        name=None if department is None else found.departments[department],
        cases=one.cases,
        by_circumstance=_counts(one, Dimension.CIRCUMSTANCE, {each.value: each.zh for each in Circumstance}),
        by_channel=_counts(one, Dimension.CHANNEL, {each.value: each.zh for each in CollectionChannel}),
        by_standing=_counts(one, Dimension.STANDING, {each.value: each.zh for each in PeriodState}),
        taken_over=one.taken_over,
        corrections=one.corrections,
        late_entries=one.late_entries,
        incentives=one.incentives,
        by_incentive=_counts(one, Dimension.INCENTIVE, found.incentives),
        by_promise=_counts(one, Dimension.PROMISE, {each.value: each.zh for each in PromiseOutcome}),
        clocks=[_clock(ClockName(clock), counts) for clock, counts in one.clocks.items()],
        days_to_decision=one.days_to_decision,
    )


def _counts(one: DepartmentSheet, dimension: Dimension, labels: Mapping[str, str]) -> list[FigureCount]:
    return [
        FigureCount(code=code, label=labels.get(code, code), count=count) for code, count in one.by[dimension].items()
    ]


def _clock(clock: ClockName, counts: Mapping[str, Count]) -> ClockFigures:
    return ClockFigures(
        clock=clock,
        label=clock.zh,
        clause=clock.clause,
        met=counts[ClockOutcome.MET],
        missed=counts[ClockOutcome.MISSED],
        running=counts[ClockOutcome.RUNNING],
    )
