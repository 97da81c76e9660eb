"""The roots of reference data, and of every object by its global id."""

import strawberry

from queryplan.entities import Entity
from queryplan.plan import Order
from schema.core.connections import Connection
from schema.core.fields import FilterColumn, ManySource, RootLookup, RootSource, planned
from schema.reference.types import Area, Department, Matter, Node, Sector


@strawberry.type(description="Anything, by its global id.")
class NodeQuery:
    @planned(RootSource(RootLookup.NODE), "One object by its global id; null where the caller sees none.")
    def node(self, id: strawberry.ID) -> Node | None: ...

    @planned(
        RootSource(RootLookup.NODES),
        "Several objects by their global ids, in the given order; null for each missing one.",
    )
    def nodes(self, ids: list[strawberry.ID]) -> list[Node | None]: ...


@strawberry.type(description="Departments, matters, sectors and areas.")
class ReferenceQuery:
    @planned(ManySource(Entity.DEPARTMENT, (Order("code"),), size=50), "The departments.")
    def departments(self) -> Connection[Department]: ...

    @planned(
        ManySource(
            Entity.MATTER,
            (Order("code"),),
            None,
            {"department": FilterColumn("department_code", "=", "Matter.department")},
            size=50,
        ),
        "The government-service items.",
    )
    def matters(self, department: strawberry.ID | None = None) -> Connection[Matter]: ...

    @planned(ManySource(Entity.SECTOR, (Order("code"),), size=50), "The sectors.")
    def sectors(self) -> Connection[Sector]: ...

    @planned(ManySource(Entity.AREA, (Order("code"),), size=50), "The administrative divisions of the district.")
    def areas(self) -> Connection[Area]: ...
