"""The decisions of the policy, field by field, as the schema shows them."""

import strawberry

from consent.vocabulary import Basis, DataClass
from schema.core.enums import AccessOutcome, RoleName, WithheldReasonName


@strawberry.type(description="The decision of the policy for one field at one place of a document.")
class FieldAccess:
    path: list[str] = strawberry.field(description="Its place in the document, as response keys.")
    field: str = strawberry.field(description="The field, as `Type.field`.")
    types: list[str] = strawberry.field(description="The concrete types that the decision holds for.")
    data_class: DataClass | None = strawberry.field(description="Its data class.")
    outcome: AccessOutcome = strawberry.field(description="What it shows.")
    withheld_reason: WithheldReasonName | None = strawberry.field(description="Why it is withheld.")
    reason: str | None = strawberry.field(
        description="Why it is withheld: role, necessity, consent or unclassified.",
        deprecation_reason="It is `withheldReason`.",
    )
    unlock: str | None = strawberry.field(description="What would be admitted instead, where anything would.")
    basis: Basis | None = strawberry.field(description="The legal basis.")
    citation: str | None = strawberry.field(description="The clauses of the legal basis.")
    scopes: list[str] = strawberry.field(description="The rows in which it is shown, in the words of the policy.")


@strawberry.type(description="The decisions of the policy for a whole document.")
class AccessExplanation:
    acting_role: RoleName = strawberry.field(description="The acting role.")
    role: str = strawberry.field(description="The acting role.", deprecation_reason="It is `actingRole`.")
    policy_version: str = strawberry.field(description="The version of the policy that decided.")
    fields: list[FieldAccess] = strawberry.field(description="One decision for each field at each place.")
    statements: int = strawberry.field(description="How many SQL statements the document would take.")
    cost: int = strawberry.field(description="What the document costs, by `@cost` and `@listSize`.")
