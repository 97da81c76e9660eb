"""The caller of a request."""

import strawberry

from consent.vocabulary import Purpose
from schema.core.context import Info
from schema.core.enums import RoleName


@strawberry.type(description="The caller, in the one role of this request.")
class Viewer:
    ref: str = strawberry.field(description="The caller's staff or account reference.")
    acting_role: RoleName = strawberry.field(description="The acting role of this request.")
    role: str = strawberry.field(
        description="The acting role of this request.", deprecation_reason="It is `actingRole`."
    )
    department: str | None = strawberry.field(description="The code of the caller's department.")
    sector: str | None = strawberry.field(description="The code of the caller's sector.")
    area: str | None = strawberry.field(description="The code of the caller's area, with every area below it.")
    purposes: list[Purpose] = strawberry.field(description="The purposes that this role may use.")


@strawberry.type(description="The caller.")
class ViewerQuery:
    @strawberry.field(description="The caller: the role of this request, and the purposes that it may use.")
    def viewer(self, info: Info) -> Viewer:
        actor = info.context.actor
        return Viewer(
            ref=actor.ref,
            acting_role=RoleName[actor.role.name],
            role=actor.role.value,
            department=actor.department,
            sector=actor.sector,
            area=actor.area,
            purposes=list(info.context.policy.purposes_of(actor.role)),
        )
