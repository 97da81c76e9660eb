"""Who put a subject on record, as the subject sees it [5.1.3] [5.1.6]."""

from datetime import datetime

import strawberry

from credit.subjects.registration_record import RegistrationChannel
from queryplan.entities import Entity
from schema.core.enums import RoleName
from schema.core.fields import acting_role, filled_column, global_id, one, operator_act, role_text
from schema.reference.types import Department, Node, SubjectLink


@strawberry.type(
    description="登记记录：one time that a subject was put on record, whether it was new or known. Never changed; the "
    "subject sees it [5.1.3] [5.1.6]."
)
class Registration(Node):
    id: strawberry.ID = global_id(Entity.REGISTRATION, "The global id.")
    subject: SubjectLink | None = one("subject", Entity.SUBJECT, "Who was put on record.")
    at: datetime | None = filled_column("at", "When (UTC).")
    actor: str | None = filled_column("actor_ref", "Who: a staff or account reference.")
    operator_act: str | None = operator_act()
    acting_role: RoleName | None = acting_role()
    role: str | None = role_text(filled_column)
    department: Department | None = one("department", Entity.DEPARTMENT, "From which department.")
    channel: RegistrationChannel | None = filled_column("channel", "登记途径：by which way.")
