"""Checks the code at the foot of a document: open to everyone, and without a name in the response [A]."""

from datetime import date

import strawberry

from credit.notices.facts import NoticeKind
from credit.notices.refusals import TooManyChecks
from schema.core.context import Info
from schema.core.errors import LimitExceeded


@strawberry.type(
    description="核验结果：the result of checking a code. It has no name: compare number, department and day of the "
    "document with this result."
)
class NoticeCheck:
    genuine: bool = strawberry.field(description="真伪：whether a document with this code was issued here.")
    kind: NoticeKind | None = strawberry.field(description="文书种类。")
    number: str | None = strawberry.field(description="文号。")
    department: str | None = strawberry.field(description="制作单位：the department's name.")
    issued_on: date | None = strawberry.field(description="日期：the day that the document bears.")
    stands: bool | None = strawberry.field(
        description="是否仍然有效：false where it was valid when issued and no longer is. It does not say why."
    )


NOTHING = NoticeCheck(genuine=False, kind=None, number=None, department=None, issued_on=None, stands=None)


@strawberry.type(description="Checking documents [A].")
class NoticeCheckQuery:
    @strawberry.field(
        description="核验文书：says whether a document with this code was issued here. For everyone, without a token "
        "and without a purpose; the number of wrong codes from one network is limited [A]."
    )
    async def check_notice(self, info: Info, code: str) -> NoticeCheck:
        context = info.context
        try:
            found = await context.notices.check(code, context.today, context.network())
        except TooManyChecks as refused:
            raise LimitExceeded(limit="checks", until=refused.until.isoformat().replace("+00:00", "Z")) from None
        if found is None:
            return NOTHING
        return NoticeCheck(
            genuine=True,
            kind=found.kind,
            number=found.number,
            department=found.department,
            issued_on=found.issued_on,
            stands=found.stands,
        )
