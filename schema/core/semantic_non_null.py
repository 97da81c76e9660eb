"""`@semanticNonNull`: a field that is null only where an error says why, for clients that handle errors by field.

Relay (`@throwOnFieldError`) and GraphQL code generators read it; to all others the field is as nullable as its type.
"""

import strawberry
from strawberry.schema_directive import Location


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION],
    name="semanticNonNull",
    description="The field is null only where an error of the answer says why: it is withheld, or damaged. `levels`: 0 "
    "is the field itself. It holds where withheld fields are errors, which is the default.",
)
class SemanticNonNull:
    levels: list[int] = strawberry.directive_field(name="levels", default=(0,))
