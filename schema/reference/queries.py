"""The roots of reference data, and of every object by its global id."""

import strawberry

from queryplan.entities import Entity
from queryplan.plan import Order
from schema.core.connections import After, Connection, First
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
    @planned(ManySource(Entity.DEPARTMENT, (Order("code"),)), "The departments.")
    def departments(self, first: First = 50, after: After = None) -> Connection[Department]: ...

    @planned(
        ManySource(
            Entity.MATTER,
            (Order("code"),),
            None,
            {"department": FilterColumn("department_code", "=", "Matter.department")},
        ),
        "The government-service items.",
    )
    def matters(
        self, department: strawberry.ID | None = None, first: First = 50, after: After = None
    ) -> Connection[Matter]: ...

    @planned(ManySource(Entity.SECTOR, (Order("code"),)), "The sectors.")
    def sectors(self, first: First = 50, after: After = None) -> Connection[Sector]: ...

    @planned(ManySource(Entity.AREA, (Order("code"),)), "The administrative divisions of the district.")
    def areas(self, first: First = 50, after: After = None) -> Connection[Area]: ...
