"""Subjects: the applicants for government services [3.2]."""

from typing import TYPE_CHECKING, Annotated

import strawberry

from credit.core.values.identifiers import IdentifierKind
from credit.subjects.subject import SubjectKind
from queryplan.entities import Entity
from queryplan.plan import newest
from schema.core.connections import CASES_BY_CHANGE, CASES_MOVE, Connection
from schema.core.day import EvaluationDay
from schema.core.enums import CapacityName, capacities_of
from schema.core.fields import ManySource, column, function, global_id, one, planned, sealed
from schema.reference.types import (
    ApplicationLink,
    Area,
    AuthorisationLink,
    CaseLink,
    CorrectionLink,
    Node,
    ObjectionLink,
)

if TYPE_CHECKING:
    from schema.consent.types import Delegation
    from schema.consultations.types import ConsultationLine
    from schema.focused_checks.types import FocusedCheck
    from schema.subjects.registration_types import Registration

DelegationLink = Annotated["Delegation", strawberry.lazy("schema.consent.types")]
RegistrationLink = Annotated["Registration", strawberry.lazy("schema.subjects.registration_types")]
ConsultationLineLink = Annotated["ConsultationLine", strawberry.lazy("schema.consultations.types")]
FocusedCheckLink = Annotated["FocusedCheck", strawberry.lazy("schema.focused_checks.types")]


def _capacities(bits: int, _day: EvaluationDay) -> list[str]:
    return capacities_of(bits)


@strawberry.interface(
    description="申报主体：an applicant for a government service [3.2]. What is shown of it, and in which form, "
    "depends on the role, the purpose and, for purposes that need it, on the subject's own authorisation."
)
class Subject(Node):
    id: strawberry.ID = global_id(Entity.SUBJECT, "The global id.")
    kind: SubjectKind = column("kind", "What the subject is.")
    capacities: list[CapacityName] | None = function(
        _capacities, "capacities", description="In what capacity it acts for others: agent, agency, intermediary [3.2]."
    )
    area: Area | None = one("area", Entity.AREA, "The sub-district or town of its address.")
    name: str | None = sealed(
        "subjects",
        "name",
        "姓名或名称。A person's name is clear only where the purpose needs it; elsewhere it is the family name. "
        "A company's name is published [5.1.3].",
    )
    identifier_kind: IdentifierKind | None = column("number_kind", "The kind of its identifier.")
    identifier: str | None = sealed(
        "identifiers",
        "number",
        "统一社会信用代码或身份证号。A company's code counts as published; the number of a person or sole trader is "
        "masked for all but the handler of the case and the city platform [5.1.3] [5.1.6].",
    )
    address: str | None = sealed(
        "subjects", "address", "注册地址或住址。Of a person, supervisors see the township only [5.2.2]."
    )
    phone: str | None = sealed("subjects", "phone", "联系电话。")
    is_restrained: bool | None = column(
        "is_restrained",
        "Whether a restraint is in force today: decided by the date, at the moment of asking [5.1.5] [5.2.1].",
    )

    @planned(
        ManySource(Entity.RESTRAINT_CASE, CASES_BY_CHANGE, "restraint_cases", moving=CASES_MOVE),
        "Its restraint cases that this caller may see, last changed first [5.1].",
    )
    def restraint_cases(self) -> Connection[CaseLink] | None: ...

    @planned(
        ManySource(Entity.APPLICATION, newest("filed_at", "application_id"), "applications"),
        "Its applications that this caller may see, newest first [4.2].",
    )
    def applications(self) -> Connection[ApplicationLink] | None: ...

    @planned(
        ManySource(Entity.AUTHORISATION, newest("requested_at", "authorisation_id"), "authorisations"),
        "Its authorisations that this caller may see, newest first [5.1.6].",
    )
    def authorisations(self) -> Connection[AuthorisationLink] | None: ...

    @planned(
        ManySource(Entity.DELEGATION, newest("granted_at", "delegation_id"), "delegations"),
        "Who may act for it, by a recorded authority [5.1.6].",
    )
    def delegations(self) -> Connection[DelegationLink] | None: ...

    @planned(
        ManySource(Entity.REGISTRATION, newest("at", "registration_id"), "registrations"),
        "登记记录：who put it on record, newest first; of a case, after its notice [5.1.3] [5.1.4(2)] [5.1.6].",
    )
    def registrations(self) -> Connection[RegistrationLink] | None: ...

    @planned(
        ManySource(Entity.CONSULTATION_LINE, newest("at", "line_id"), "consultation_lines"),
        "The replies to others about it before a rating, an award or a selection, newest first [5.2.3].",
    )
    def consultations(self) -> Connection[ConsultationLineLink] | None: ...

    @planned(
        ManySource(Entity.FOCUSED_CHECK, newest("recorded_at", "check_id"), "focused_checks"),
        "What supervisors found when they checked it with priority, newest first [5.2.2].",
    )
    def focused_checks(self) -> Connection[FocusedCheckLink] | None: ...

    @planned(
        ManySource(Entity.CORRECTION, newest("discovered_on", "correction_id"), "corrections"),
        "修改与移除：what was found wrong about it, or has changed, the last found first [5.1.4(6)].",
    )
    def corrections(self) -> Connection[CorrectionLink] | None: ...

    @planned(
        ManySource(Entity.OBJECTION, newest("raised_on", "objection_id"), "objections"),
        "异议：its objections that this caller may see, newest first.",
    )
    def objections(self) -> Connection[ObjectionLink] | None: ...


@strawberry.type(description="自然人。A natural person.")
class NaturalPerson(Subject):
    identifier_revealed: str | None = sealed(
        "identifiers",
        "number",
        "本人查看完整身份证号。The whole ID number, for its owner alone and only when asked for by this name; the "
        "access log records it as a reveal [5.1.6].",
    )


@strawberry.type(description="法人。A legal person: a company or other body with a unified social credit code.")
class LegalPerson(Subject):
    pass


@strawberry.type(
    description="个体工商户。A sole trader: registered like a company, but its code and name point at one person, so "
    "they are guarded like a person's."
)
class SoleTrader(Subject):
    identifier_revealed: str | None = sealed(
        "identifiers",
        "number",
        "本人查看完整代码。The whole code, for its owner alone and only when asked for by this name [5.1.6].",
    )


@strawberry.type(description="其他组织。Any other organisation with a unified social credit code.")
class OtherOrganisation(Subject):
    pass
