"""The policy texts, open to everyone: circumstances, measures, rights, and how to repair [6.3]."""

from datetime import date

import strawberry

from credit.policy_texts.policy_texts import Topic
from schema.core.context import Info


@strawberry.type(description="One point of a policy text.")
class PolicyTextItem:
    code: str = strawberry.field(description="The point's code, the same in every version.")
    clause: str = strawberry.field(description="The clause that it explains.")
    text: str = strawberry.field(description="中文。The point in Chinese.")
    text_en: str = strawberry.field(description="The point in English.")


@strawberry.type(
    description="政策文本：one version of one text, in force from its day until the next version's [6.3]. Former "
    "versions stay readable: ask for a day in the past."
)
class PolicyText:
    topic: Topic = strawberry.field(description="What it is about.")
    version: int = strawberry.field(description="The version, counted from 1 within its topic.")
    starts_on: date = strawberry.field(description="Its first day in force.")
    title: str = strawberry.field(description="中文标题。The title in Chinese.")
    title_en: str = strawberry.field(description="The title in English.")
    intro: str = strawberry.field(description="中文引言。The introduction in Chinese.")
    intro_en: str = strawberry.field(description="The introduction in English.")
    items: list[PolicyTextItem] = strawberry.field(description="Its points, in their order.")


@strawberry.type(description="The published texts [6.3].")
class PolicyTextQuery:
    @strawberry.field(
        description="政策文本：the published texts in force on a day, in Chinese and English: the circumstances, the "
        "measures, the rights, and how to repair. For everybody, without a purpose [6.3]."
    )
    def policy_texts(self, info: Info, on: date | None = None) -> list[PolicyText]:
        context = info.context
        # In the order of topics; none before its first version.
        return [
            PolicyText(
                topic=one.topic,
                version=one.number,
                starts_on=one.starts_on,
                title=one.title_zh,
                title_en=one.title_en,
                intro=one.intro_zh,
                intro_en=one.intro_en,
                items=[
                    PolicyTextItem(code=item.code, clause=item.clause, text=item.zh, text_en=item.en)
                    for item in one.items
                ],
            )
            for one in context.policy_texts.in_force(on or context.today)
        ]
