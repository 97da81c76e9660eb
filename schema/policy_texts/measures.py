"""The measures that follow from a restraint: public, and data, so that a new law needs no new code [5.2] [5.2.4]."""

from datetime import date

import strawberry

from credit.cases.status import Circumstance
from credit.policy_texts.measures import following
from schema.core.context import Info


@strawberry.type(description="制约措施：one measure that follows from a restraint while it is in force [5.2].")
class Measure:
    code: str = strawberry.field(description="Its code.")
    name: str = strawberry.field(description="名称。Its name in Chinese.")
    name_en: str = strawberry.field(description="Its name in English.")
    effect: str = strawberry.field(description="内容。What it means, in Chinese.")
    effect_en: str = strawberry.field(description="What it means, in English.")
    clause: str = strawberry.field(description="The clause of the governing document.")
    citation: str = strawberry.field(description="依据：the document or the law that provides it.")
    circumstances: list[Circumstance] = strawberry.field(description="The circumstances that it follows from [5.1.2].")
    starts_on: date = strawberry.field(description="Its first day in force.")
    ends_on: date | None = strawberry.field(description="Its last day in force; null where it has none.")


@strawberry.type(description="What follows from a restraint.")
class MeasureQuery:
    @strawberry.field(
        description="制约措施：what follows from a restraint on a day, today by default; of one circumstance, or any. "
        "Further measures by law are data [5.2.4]. For everybody, without a purpose."
    )
    def measures(self, info: Info, on: date | None = None, circumstance: Circumstance | None = None) -> list[Measure]:
        context = info.context
        return [
            Measure(
                code=one.code,
                name=one.name_zh,
                name_en=one.name_en,
                effect=one.effect_zh,
                effect_en=one.effect_en,
                clause=one.clause,
                citation=one.citation,
                circumstances=[each for each in Circumstance if each in one.circumstances],
                starts_on=one.starts_on,
                ends_on=one.ends_on,
            )
            for one in following(context.measures, on or context.today, circumstance)
        ]
