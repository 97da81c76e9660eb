"""Who a mutation is about: a subject that the caller may know, or a person by the full number [3.2] [5.1.3]."""

import strawberry

from credit.subjects.subject import SubjectKind
from schema.core.enums import CapacityName
from schema.core.inputs import KeyedInput, mutation_input

SUBJECT = (
    "Who it is, by global id: somebody with something open at the caller's department, or whom its window has just put "
    "on record. Any other id finds nobody. Either this or `person`."
)
PERSON = "Who it is, by the full number and the particulars: put on record if need be. Either this or `subject`."


@strawberry.input(
    description="人员或单位信息：somebody with the full number, as the document shows it. Who is on record stays as it "
    "is; a name that differs is refused [3.2] [5.1.3]."
)
class PersonInput:
    kind: SubjectKind = strawberry.field(description="What the subject is.")
    name: str = strawberry.field(description="姓名或名称。")
    number: str = strawberry.field(
        description="身份证号或统一社会信用代码。Its kind follows from the subject's. Give it as a variable."
    )
    area: strawberry.ID = strawberry.field(description="The sub-district or town of its address.")
    phone: str | None = strawberry.field(default=None, description="联系电话。")
    address: str | None = strawberry.field(default=None, description="注册地址或住址。")
    capacities: list[CapacityName] = strawberry.field(
        default_factory=list, description="In what capacity it acts for others [3.2]."
    )


@mutation_input()
class AboutSomebodyInput(KeyedInput):
    """The input of a mutation that begins something about a subject."""

    subject: strawberry.ID | None = strawberry.field(default=None, description=SUBJECT)
    person: PersonInput | None = strawberry.field(default=None, description=PERSON)
