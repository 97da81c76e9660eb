"""What the policy would decide, field by field, without running the document."""

from collections.abc import Sequence

import strawberry
from strawberry.types import Info

from consent.vocabulary import Purpose
from schema.core.access_explanation import AccessExplanation, FieldAccess
from schema.core.context import RequestContext
from schema.core.enums import RoleName, WithheldReasonName
from schema.core.ports import GraphQLRequest
from schema.execution.planning.decisions import FieldDecision
from schema.execution.preparation.operation_preparer import OperationPreparer
from schema.execution.preparation.variables import NO_VARIABLES


def explain(
    preparer: OperationPreparer,
    request: GraphQLRequest,
    document: str,
    purpose: Purpose | None,
    operation_name: str | None,
) -> AccessExplanation:
    """Return what the policy would decide for each field of *document*; no data is read.

    It is planned anew each time, within the caller's budget: raises DocumentBudget.
    """
    documents = preparer.documents
    with preparer.spending(request):
        operation = documents.known(document, operation_name) or documents.read(document, operation_name)
        stated = operation.purposes.written or purpose
        plan = preparer.make_plan(operation, NO_VARIABLES, request.actor.role, stated, explaining=True)
        return AccessExplanation(
            acting_role=RoleName[request.actor.role.name],
            role=request.actor.role.value,
            policy_version=preparer.plan_context.policy.version,
            fields=field_access(plan.decisions),
            statements=len(plan.query_plan.statements),
            cost=plan.cost,
        )


def field_access(decisions: Sequence[FieldDecision]) -> list[FieldAccess]:
    """Return the decisions as the schema shows them."""
    return [
        FieldAccess(
            path=list(one.path),
            field=one.field,
            types=list(dict.fromkeys(one.types)),
            data_class=one.data_class,
            outcome=one.outcome,
            withheld_reason=WithheldReasonName[one.reason.name] if one.reason else None,
            reason=one.reason.value if one.reason else None,
            unlock=one.unlock or None,
            basis=one.grants[0].basis if one.grants else None,
            citation=one.grants[0].citation or None if one.grants else None,
            scopes=list(dict.fromkeys(grant.scope.value for grant in one.grants)),
        )
        for one in decisions
    ]


@strawberry.type(description="The decisions of the policy.")
class ExplainQuery:
    @strawberry.field(
        description="What the policy would decide for each field of *document*, for this caller, without running it: "
        "what is clear, masked or withheld, by which right, and what would unlock it."
    )
    def explain_access(
        self,
        info: Info[RequestContext, None],
        document: str,
        purpose: Purpose | None = None,
        operation_name: str | None = None,
    ) -> AccessExplanation:
        return info.context.explain(document, purpose, operation_name)
