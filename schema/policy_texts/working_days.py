"""The official working days of a year, as every clock counts them [5.1.4]."""

from datetime import date

import strawberry

from schema.core.context import Info


@strawberry.type(
    description="工作日：the official days off and the moved working days of one year, by the State Council's notice. "
    "All other days from Monday to Friday are working days."
)
class WorkingDays:
    year: int = strawberry.field(description="The year.")
    provisional: bool = strawberry.field(
        description="暂定：whether there is no table for the year yet, so that its days are counted by plain weekdays."
    )
    source: str | None = strawberry.field(description="The notice; null where there is no table.")
    off: list[date] | None = strawberry.field(
        description="Public holidays and the days off bridged to them, weekends among them included; null as above."
    )
    worked: list[date] | None = strawberry.field(
        description="调休：the days of weekends that are working days; null as above."
    )
    note: str | None = strawberry.field(description="A note on a year without a table, in Chinese.")
    note_en: str | None = strawberry.field(description="The same in English.")


@strawberry.type(description="The official working days [5.1.4].")
class WorkingDayQuery:
    @strawberry.field(
        description="工作日：the official days off and moved working days by which the clocks of a year count. A year "
        "whose notice is not published says so; its days are not guessed [5.1.4]."
    )
    def working_days(self, info: Info, year: int) -> WorkingDays:
        table = info.context.calendar.of_year(year)
        if table is not None:
            return WorkingDays(
                year=year,
                provisional=False,
                source=table.source,
                off=list(table.off),
                worked=list(table.work),
                note=None,
                note_en=None,
            )
        return WorkingDays(
            year=year,
            provisional=True,
            source=None,
            off=None,
            worked=None,
            note=f"系统中没有{year}年的官方工作日安排，涉及该年的期限按周一至周五暂算，并注明为暂定。",
            note_en=f"There is no official table of working days for {year} here. Deadlines that run through it are "
            "counted provisionally, by Monday to Friday, and are marked so.",
        )
