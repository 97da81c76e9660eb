"""In which form each field that a selection asks of an object is shown, beside its value."""

import strawberry

from schema.core.enums import AccessOutcome, WithheldReasonName
from schema.core.fields import structure


@strawberry.type(
    description="How one field of an object is shown to this reader, in this answer. It tells nothing that the value, "
    "its mask and the errors do not tell: a null that is not withheld may have any cause, and is `CLEAR`, or `MASKED` "
    "where the field is masked in some rows."
)
class FieldDisclosure:
    field: str = structure("field", "The field, by its name in the schema.")
    form: AccessOutcome = structure("form", "`CLEAR`, `MASKED` or `WITHHELD`; never `MIXED`.")
    reason: WithheldReasonName | None = structure("reason", "Why it is withheld; null where it is shown.")
    unlock: str | None = structure("unlock", "What would show it, where anything would.")
