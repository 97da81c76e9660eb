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


def _by_code(entity: Entity) -> RootSource:
    code = FilterColumn("code", "=", f"{entity.spec.graphql_type}.code")
    return RootSource(RootLookup.COLUMNS, entity, {"code": code})


@strawberry.type(description="Departments, matters, sectors and areas.")
class ReferenceQuery:
    @planned(_by_code(Entity.DEPARTMENT), "One department by its code; null where there is none.")
    def department(self, code: str) -> Department | None: ...

    @planned(_by_code(Entity.MATTER), "One government-service item by its code; null where there is none.")
    def matter(self, code: str) -> Matter | None: ...

    @planned(_by_code(Entity.SECTOR), "One sector by its code; null where there is none.")
    def sector(self, code: str) -> Sector | None: ...

    @planned(_by_code(Entity.AREA), "One administrative division by its code; null where there is none.")
    def area(self, code: str) -> Area | None: ...

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
