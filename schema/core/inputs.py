"""What the inputs of several topics have in common: descriptions, and the records that they name."""

from collections.abc import Callable, Container, Iterator
from dataclasses import fields, is_dataclass
from datetime import date
from typing import Any, Final, TypeVar, dataclass_transform
from uuid import UUID

import strawberry
from strawberry.types import get_object_definition
from strawberry.utils.str_converters import to_camel_case

from credit.cases.actions.take_step import StepDetails
from credit.cases.rules.term import Term
from credit.cases.status import MONTHS
from credit.core.errors import NamedInClear, StepNotWellFormed
from credit.core.flaws import Flaw
from credit.core.record_refs import ApplicationRef, CaseRef
from credit.core.values.characters import clean
from credit.core.values.garbled import is_garbled
from credit.core.values.names_in_text import names_in_clear
from credit.core.values.references import holds_number
from credit.subjects.registration import Registration, register
from credit.subjects.subject import PERSONS, Capacity, SubjectKind
from queryplan.entities import Entity
from schema.core.enums import CapacityName
from schema.core.errors import BadArgument
from schema.core.global_ids import code_of, record_ids_of, subject_id_of
from schema.core.mutations.idempotency import KEY, is_id
from schema.core.ports import CommittingWork

CASE = "Which case, by its global id."
CASE_VERSION = "How many changes of the case were seen, from 1: refused where there were more. Default: as it stands."
APPLICATION = "Which application, by its global id."
VERSION = "How many changes of it were seen, from 1: refused where there were more. Default: as it stands."
ON = (
    "The day on which it was done, in Asia/Shanghai; default: today. An act of the authority that is recorded later "
    "counts from the day of its record [5.1.4]."
)
RECEIVED = "The day of receipt; default: today. It counts from the day of its record, if that is later [5.1.4]."
POSTED = (
    "交寄日期：the day of posting, or of handing in, in Asia/Shanghai. The act counts from it, whenever it is recorded "
    "[5.1.4]."
)
LETTER = "The reference of the paper, or of its uploaded file."
PAPER = "The file reference of the paper itself, and what came with it."
EVIDENCE = (
    "The references of the papers that show it, or of their uploaded files; no name and no identity number in them."
)

WHO_BY_ID = (
    "Who it is, by global id: somebody with something open at the caller's department for the same purpose, or whom "
    "its window has just put on record. Any other id finds nobody. Either this or `person`."
)
WHO_BY_NUMBER = "Who it is, by the full number and the particulars: put on record if need be. Either this or `subject`."

LONGEST_MONTHS: Final = 1_200
"""No law knows a longer term, and the calendar ends somewhere."""

Input = TypeVar("Input")


LAST: Final = ("expected_version", "idempotency_key")
"""What the schema shows last of every input. Strawberry shows inherited fields first."""


@dataclass_transform(kw_only_default=True, field_specifiers=(strawberry.field,))
def mutation_input(*, description: str | None = None) -> Callable[[type[Input]], type[Input]]:
    """Decorate an input: as `strawberry.input`, with the version and the key after the fields of its own."""

    def decorate(cls: type[Input]) -> type[Input]:
        made = strawberry.input(cls, description=description)
        get_object_definition(made, strict=True).fields.sort(
            key=lambda field: LAST.index(field.python_name) if field.python_name in LAST else -1
        )
        return made

    return decorate


@mutation_input()
class KeyedInput:
    """The input of any mutation."""

    idempotency_key: str | None = strawberry.field(default=None, description=KEY)


@mutation_input()
class CaseInput(KeyedInput):
    """The input of a step of a case."""

    case: strawberry.ID = strawberry.field(description=CASE)
    expected_version: int | None = strawberry.field(default=None, description=CASE_VERSION)


@mutation_input()
class ApplicationStepInput(KeyedInput):
    """The input of a step of an application."""

    application: strawberry.ID = strawberry.field(description=APPLICATION)
    expected_version: int | None = strawberry.field(default=None, description=VERSION)


@mutation_input()
class PaperInput(ApplicationStepInput):
    """The input of a withdrawal on paper, of an application or of what was promised with it."""

    on: date = strawberry.field(description=POSTED)
    evidence: list[str] = strawberry.field(description=PAPER)


def case_ref(given: CaseInput) -> CaseRef:
    """Return which case is meant, at which version."""
    return CaseRef(*record_ids_of(given.case, Entity.RESTRAINT_CASE), given.expected_version)


def step_details(given: Any) -> StepDetails:  # noqa: ANN401 - any of the inputs with a day
    """Return what is said about a step."""
    return StepDetails(given.on, tuple(given.evidence))


def details_of_today(given: Any) -> StepDetails:  # noqa: ANN401 - any of the inputs with evidence
    """Return what is said about a step that counts from today."""
    return StepDetails(None, tuple(given.evidence))


def term_of(given: Any) -> Term | None:  # noqa: ANN401 - any of the inputs with months, a last day and a citation
    """Return the term that is given, if one is; raises BadArgument for one that is none."""
    if given.until is not None and given.months is not None:
        raise BadArgument(argument="until")
    if given.until is not None:
        return Term(None, given.until, given.citation)
    if given.months is None and given.citation is None:
        return None
    months = MONTHS if given.months is None else given.months
    if not 1 <= months <= LONGEST_MONTHS:
        raise BadArgument(argument="months")
    return Term(months, citation=given.citation)


def application_ref(given: Any) -> ApplicationRef:  # noqa: ANN401 - any of the inputs that name an application
    """Return which application is meant, at which version; raises BadId."""
    ids = record_ids_of(given.application, Entity.APPLICATION)
    return ApplicationRef(*ids, getattr(given, "expected_version", None))


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
    name_confirmed: bool = strawberry.field(
        default=False,
        description="已核对证件：the document shows this name, although it reads like a word for nothing: Null, 无名.",
    )


@mutation_input()
class AboutSomebodyInput(KeyedInput):
    """The input of a mutation that begins something about a subject."""

    subject: strawberry.ID | None = strawberry.field(default=None, description=WHO_BY_ID)
    person: PersonInput | None = strawberry.field(default=None, description=WHO_BY_NUMBER)


def named_party(given: AboutSomebodyInput) -> UUID | PersonInput:
    """Return the subject's id or the person that *given* names; raises BadArgument unless it names exactly one."""
    if (given.subject is None) == (given.person is None):
        raise BadArgument(argument="subject")
    return given.person or subject_id_of(str(given.subject))


def registration_of(person: PersonInput, areas: Container[str], today: date) -> Registration:
    """Return *person* as it may be put on record; raises RegistrationRefused with every problem."""
    return register(
        kind=person.kind,
        name=person.name,
        number=person.number,
        area_code=code_of(person.area, Entity.AREA),
        areas=areas,
        today=today,
        phone=person.phone,
        address=person.address,
        capacities=Capacity(sum(Capacity[one.name] for one in set(person.capacities))),
        name_confirmed=person.name_confirmed,
    )


# --- items that are stored in clear ---------------------------------------------------------------------------------
# None of them may hold a person's number, nor name whom the record is about [5.1.6]: one rule for every mutation. A
# name has no form, so it is compared with the one on record.

SEALED: Final = frozenset({"text", "facts", "amendment", "reasons", "internal_notes"})
"""Items that are stored sealed, by their names in the inputs."""
PARTICULARS: Final = frozenset({"name", "number", "phone", "address"})
"""The particulars of a person, in an input that has a name."""
DOCUMENT_NUMBERS: Final = frozenset({"number", "newNumber", "legalDocument", "documentNumber"})
"""Numbers that an authority gives."""
NOT_STORED: Final = frozenset({"idempotency_key", "notice"})


def require_whole_items(given: object) -> None:
    """Raise StepNotWellFormed if a text of *given*, sealed or in clear, is one that no person typed [5.1.3].

    The parsers of the items refuse it, too; this holds for an item that has none.
    """
    for field, texts in _texts(given, NOT_STORED):
        if any(is_garbled(clean(text, lines=True)) for text in texts):
            raise StepNotWellFormed.of(field, Flaw.GARBLED)


async def require_impersonal(work: CommittingWork, given: object, subject_id: str | None) -> None:
    """Raise StepNotWellFormed if an item of *given* holds a number, or names the subject or a person that it gives."""
    items = dict(_in_clear(given))
    for field, texts in items.items():
        is_number = field.rpartition(".")[2] in DOCUMENT_NUMBERS
        if any(holds_number(text, numbering=is_number) for text in texts):
            raise StepNotWellFormed.of(field, Flaw.HOLDS_NUMBER)
        if any(names_in_clear(name, text) for name in _names(given) for text in texts):
            raise StepNotWellFormed.of(field, Flaw.HOLDS_PERSONAL_DATA)
    if subject_id is None or not any(items.values()):
        return
    whose = UUID(subject_id)
    if await work.is_named_in(whose, [text for texts in items.values() for text in texts]):
        for field, texts in items.items():
            if await work.is_named_in(whose, texts):
                raise NamedInClear(field, whose)


def _in_clear(given: Any) -> Iterator[tuple[str, list[str]]]:  # noqa: ANN401 - any input, and what is in it
    """Return the texts that *given* keeps in clear, by the name of their field; a person's particulars are sealed."""
    return _texts(given, SEALED | NOT_STORED)


def _texts(given: Any, left_out: frozenset[str]) -> Iterator[tuple[str, list[str]]]:  # noqa: ANN401 - as above
    """Return the texts of *given* by the name of their field, without ids and a person's particulars."""
    not_these = left_out | PARTICULARS if hasattr(given, "name") else left_out
    for field in fields(given):
        value = getattr(given, field.name)
        if is_dataclass(value):
            for inner, texts in _texts(value, left_out):
                yield f"{to_camel_case(field.name)}.{inner}", texts
        elif field.name not in not_these and not is_id(field):
            texts = [text for text in (value if isinstance(value, list) else [value]) if type(text) is str]
            if texts:
                yield to_camel_case(field.name), texts


def _names(given: Any) -> Iterator[str]:  # noqa: ANN401 - as above
    """Return the names of the persons whose particulars *given* contains."""
    for each in (given, *(getattr(given, field.name) for field in fields(given))):
        name = getattr(each, "name", None)
        if isinstance(name, str) and getattr(each, "kind", None) in PERSONS:
            yield name
