"""Departments, matters, sectors and areas: no personal data, open to everyone, without a purpose.

Also what the types of every topic share: the interface of objects with a global id, and the links between topics.
"""

from typing import TYPE_CHECKING, Annotated

import strawberry

from queryplan.entities import Entity
from queryplan.plan import Order
from schema.core.connections import Connection
from schema.core.fields import ManySource, canonical_id, column, disclosed_fields, global_id, one, planned
from schema.reference.field_disclosure import FieldDisclosure

if TYPE_CHECKING:
    from schema.applications.types import Application
    from schema.cases.types import RestraintCase
    from schema.consent.types import Authorisation
    from schema.corrections.types import Correction
    from schema.objections.types import Objection
    from schema.subjects.types import Subject

# Types that others refer to and that refer to others: by name, so that their modules need not import one another.
SubjectLink = Annotated["Subject", strawberry.lazy("schema.subjects.types")]
CaseLink = Annotated["RestraintCase", strawberry.lazy("schema.cases.types")]
ApplicationLink = Annotated["Application", strawberry.lazy("schema.applications.types")]
AuthorisationLink = Annotated["Authorisation", strawberry.lazy("schema.consent.types")]
CorrectionLink = Annotated["Correction", strawberry.lazy("schema.corrections.types")]
ObjectionLink = Annotated["Objection", strawberry.lazy("schema.objections.types")]


@strawberry.interface(description="Anything that has a global id.")
class Node:
    id: strawberry.ID = strawberry.field(
        description="The global id: opaque, stable, without personal data. It carries the purpose of the request, so "
        "that a cache keeps apart what was read for two purposes; every argument takes an id of any purpose."
    )
    disclosure: list[FieldDisclosure] = disclosed_fields(
        "In which form this answer shows each of the other fields that the same selection asks of this object."
    )
    canonical_id: strawberry.ID | None = canonical_id(
        "The id of the same record for all purposes, to compare by; null for PUBLICITY, where no id leads to a record."
    )


@strawberry.type(description="A field of government work, by which supervisors divide their targets [5.2.2].")
class Sector(Node):
    id: strawberry.ID = global_id(Entity.SECTOR, "The global id.")
    code: str = column("code", "The sector's short code.")
    name: str = column("name_zh", "中文名称。The name in Chinese.")
    name_en: str = column("name_en", "The name in English.")


@strawberry.type(
    description="An administrative division. It is part of every area whose code begins its own: 370305 is Linzi."
)
class Area(Node):
    id: strawberry.ID = global_id(Entity.AREA, "The global id.")
    code: str = column("code", "The division code.")
    name: str = column("name_zh", "中文名称。The name in Chinese.")
    name_en: str = column("name_en", "The name in English.")


@strawberry.type(description="A department with government-service functions; it may determine restraints [5.1.1].")
class Department(Node):
    id: strawberry.ID = global_id(Entity.DEPARTMENT, "The global id.")
    code: str = column("code", "The department's short code.")
    name: str = column("name_zh", "中文名称。The name in Chinese.")
    name_en: str = column("name_en", "The name in English.")
    sector: Sector = one("sector", Entity.SECTOR, "The sector that the department works in.")
    window: str | None = column("window_zh", "The service window that notices name [A].")
    telephone: str | None = column("telephone", "The window's telephone [A].")

    @planned(
        ManySource(Entity.MATTER, (Order("code"),), relation="matters"), "The matters that the department handles."
    )
    def matters(self) -> Connection[Annotated["Matter", strawberry.lazy("schema.reference.types")]]: ...


@strawberry.type(
    description="A government-service item (政务服务事项), and what facilitation it is eligible for [4.2]."
)
class Matter(Node):
    id: strawberry.ID = global_id(Entity.MATTER, "The global id.")
    code: str = column("code", "The matter's code.")
    name: str = column("name_zh", "中文名称。The name in Chinese.")
    name_en: str = column("name_en", "The name in English.")
    department: Department = one("department", Entity.DEPARTMENT, "The department that handles it.")
    sector: Sector = one("sector", Entity.SECTOR, "The sector it belongs to.")
    green_channel: bool = column("green_channel", "Whether the green channel is open to it [4.2.1].")
    deferred_documents: bool = column("deferred_documents", "Whether documents may be handed in later [4.2.2].")
    commitment: bool = column("commitment", "Whether a written commitment may replace proof [4.2.3].")
    facilitation_basis: str | None = column("facilitation_basis", "The document that allows it [4.2.3].")
    deferral_longest_days: int | None = column(
        "deferral_longest_days", "Calendar days within which missing documents may be promised [4.2.2]."
    )
    commitment_limit_days: int | None = column(
        "commitment_limit_days", "Working days to complete it on a commitment; 0 is on the spot [4.2.3]."
    )
    commitment_verify_days: int | None = column(
        "commitment_verify_days", "Working days after completion within which the commitment is verified [4.2.3]."
    )
    further_incentives: list[str] | None = column(
        "incentives", "The codes of further incentives by law that it is open to [4.2.4]."
    )
