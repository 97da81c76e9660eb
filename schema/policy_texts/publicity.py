"""Whether and how long a restraint is listed publicly: the rules of this deployment, for everybody [5.1.5] [6.3]."""

from datetime import date

import strawberry

from credit.cases.publicity import CountedFrom, Listing, Repair
from credit.cases.status import Circumstance
from schema.core.context import Info


@strawberry.type(description="公示规则：whether and how long restraints of some circumstances are listed [5.1.5].")
class PublicityRule:
    code: str = strawberry.field(description="Its code.")
    name: str = strawberry.field(description="名称。Its name in Chinese.")
    name_en: str = strawberry.field(description="Its name in English.")
    citation: str = strawberry.field(description="依据：the text that provides it.")
    circumstances: list[Circumstance] = strawberry.field(description="The circumstances that it is about [5.1.2].")
    starts_on: date = strawberry.field(description="Its first day.")
    ends_on: date | None = strawberry.field(description="Its last day; null where it has none.")
    in_catalogue: bool = strawberry.field(
        description="Whether these circumstances stand in a catalogue of dishonest conduct of the national order."
    )
    listing: Listing = strawberry.field(description="Whether such a restraint is listed.")
    months: int | None = strawberry.field(description="For how many months, where it is listed for some months only.")
    counted_from: CountedFrom = strawberry.field(description="The day from which period and listing are counted.")
    repair: Repair = strawberry.field(description="When credit is repaired.")


@strawberry.type(description="Whether restraints are listed.")
class PublicityQuery:
    @strawberry.field(
        description="公示规则：the rules by which restraints are listed publicly, with the texts that provide them; of "
        "several that fit a day, the last one decides [5.1.5]. For everybody, without a purpose."
    )
    def publicity_rules(self, info: Info) -> list[PublicityRule]:
        return [
            PublicityRule(
                code=one.code,
                name=one.name_zh,
                name_en=one.name_en,
                citation=one.citation,
                circumstances=[each for each in Circumstance if each in one.circumstances],
                starts_on=one.starts_on,
                ends_on=one.ends_on,
                in_catalogue=one.in_catalogue,
                listing=one.publicity.listing,
                months=one.publicity.months,
                counted_from=one.publicity.counted_from,
                repair=one.publicity.repair,
            )
            for one in info.context.publicity
        ]
