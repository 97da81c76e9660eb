"""Assembles the schema from the roots and mutations of its topics, and resolves its planned fields from a plan's rows.

The printed schema lists the roots in the order of the classes below.
"""

from typing import Annotated, Any

import strawberry
from graphql import GraphQLObjectType, GraphQLResolveInfo, is_abstract_type
from strawberry.directive import DirectiveLocation, DirectiveValue
from strawberry.schema.config import StrawberryConfig

from consent.vocabulary import Purpose
from schema.applications.mutations import ApplicationMutation
from schema.applications.queries import ApplicationQuery
from schema.cases.care_mutations import CaseCareMutation
from schema.cases.collect import CollectMutation
from schema.cases.mutations import CaseMutation
from schema.cases.queries import RestraintCaseQuery
from schema.consent.delegation_mutations import DelegationMutation
from schema.consent.deletion_mutations import DeletionMutation
from schema.consent.deletion_types import DeletionQuery
from schema.consent.mutations import AuthorisationMutation
from schema.consent.queries import AuthorisationQuery
from schema.consent.subscriptions import AccessSubscription
from schema.consent.templates import TemplateQuery
from schema.consultations.mutations import ConsultationMutation
from schema.consultations.types import ConsultationQuery
from schema.core.day import SCALARS
from schema.core.enums import describe_arguments, describe_values
from schema.core.fields import ReadBack, core, field_map
from schema.core.measured.costs import state_costs
from schema.corrections.mutations import CorrectingMutation
from schema.corrections.types import CorrectionQuery
from schema.credit_checks.mutations import CreditCheckMutation
from schema.credit_checks.types import CreditCheckQuery
from schema.execution.explain import ExplainQuery
from schema.federation.roots import REPRESENTATION_SCALAR, Federation, Representation, with_federation
from schema.files.types import FileQuery
from schema.focused_checks.subscriptions import TargetSubscription
from schema.focused_checks.target_changes import TargetChangeQuery, TargetVisitMutation
from schema.focused_checks.types import FocusedCheckMutation, FocusedCheckQuery
from schema.incentives.mutations import IncentiveMutation, IncentiveQuery
from schema.ledger.receipts import ReceiptQuery
from schema.ledger.types import LedgerQuery
from schema.notices.check_code import NoticeCheckQuery
from schema.notices.mutations import IssuingMutation
from schema.notices.reminder_mutations import ReminderMutation
from schema.notifications.subscriptions import NotificationSubscription
from schema.notifications.types import NotificationMutation, NotificationQuery
from schema.objections.mutations import ObjectingMutation
from schema.objections.types import ObjectionQuery
from schema.outbox.types import OutboxMutation, OutboxQuery
from schema.policy_texts.measures import MeasureQuery
from schema.policy_texts.publicity import PublicityQuery
from schema.policy_texts.types import PolicyTextQuery
from schema.policy_texts.working_days import WorkingDayQuery
from schema.promises.commitment_mutations import CommitmentMutation
from schema.promises.commitment_types import CommitmentQuery
from schema.promises.deferral_mutations import DeferralMutation
from schema.promises.deferral_types import DeferralQuery
from schema.promises.open_case import CollectPromiseMutation
from schema.reference.labels import LabelQuery
from schema.reference.queries import NodeQuery, ReferenceQuery
from schema.statistics.types import FigureQuery
from schema.subjects.mutations import SubjectMutation
from schema.subjects.queries import SubjectQuery
from schema.subjects.registration_types import Registration
from schema.subjects.types import LegalPerson, NaturalPerson, OtherOrganisation, SoleTrader
from schema.subjects.viewer import ViewerQuery
from schema.worklist.subscriptions import WorklistSubscription
from schema.worklist.types import WorklistQuery


@strawberry.type(description="The queries. Every field that shows personal data needs a stated purpose [5.1.6].")
class Query(
    MeasureQuery,
    PublicityQuery,
    NoticeCheckQuery,
    WorklistQuery,
    ConsultationQuery,
    DeferralQuery,
    CommitmentQuery,
    FigureQuery,
    FocusedCheckQuery,
    IncentiveQuery,
    CreditCheckQuery,
    CorrectionQuery,
    ObjectionQuery,
    FileQuery,
    TargetChangeQuery,
    OutboxQuery,
    NotificationQuery,
    ViewerQuery,
    NodeQuery,
    SubjectQuery,
    AuthorisationQuery,
    DeletionQuery,
    ApplicationQuery,
    RestraintCaseQuery,
    ReferenceQuery,
    LabelQuery,
    TemplateQuery,
    PolicyTextQuery,
    WorkingDayQuery,
    ExplainQuery,
    LedgerQuery,
    ReceiptQuery,
):
    pass


@strawberry.type(description="The changes. Every change is one transaction, recorded with its actor.")
class Mutation(
    CollectMutation,
    CaseMutation,
    CaseCareMutation,
    IssuingMutation,
    ReminderMutation,
    ConsultationMutation,
    DeferralMutation,
    CollectPromiseMutation,
    CommitmentMutation,
    FocusedCheckMutation,
    ApplicationMutation,
    CreditCheckMutation,
    IncentiveMutation,
    CorrectingMutation,
    ObjectingMutation,
    TargetVisitMutation,
    OutboxMutation,
    NotificationMutation,
    AuthorisationMutation,
    DeletionMutation,
    DelegationMutation,
    SubjectMutation,
):
    pass


@strawberry.type(
    name="Subscription",
    description="What is sent as it happens, over graphql-transport-ws or as text/event-stream. Each event is a read: "
    "authorised and recorded when it happens, for the purpose of the operation [5.1.6]. Subscribe first, then query: "
    "nothing is lost in between. It ends with the token, the login or the role of the subscriber.",
)
class SubscriptionRoot(WorklistSubscription, NotificationSubscription, TargetSubscription, AccessSubscription):
    pass


@strawberry.directive(
    name="purpose",
    locations=[DirectiveLocation.QUERY, DirectiveLocation.MUTATION, DirectiveLocation.SUBSCRIPTION],
    description="What the operation is for. It never has a default: no purpose, no personal data [5.1.6]. Clients that "
    "cannot write it send the header Access-Purpose instead.",
)
def purpose(
    value: DirectiveValue[str],
    is_: Annotated[Purpose, strawberry.argument(name="is", description="The one purpose of this operation.")],
) -> str:
    """Declare the directive; `schema.execution.preparation.documents` reads its value off the document."""
    del is_
    return value


def build(federation: Federation = Federation.OFF) -> strawberry.Schema:
    """Return the schema; the values of planned fields come from the rows of the plan."""
    schema = strawberry.Schema(
        query=with_federation(Query, federation, lambda: schema),
        mutation=Mutation,
        subscription=SubscriptionRoot,
        types=[NaturalPerson, LegalPerson, SoleTrader, OtherOrganisation, Registration],
        directives=[purpose],
        config=StrawberryConfig(scalar_map={**SCALARS, Representation: REPRESENTATION_SCALAR}),
    )
    graphql_schema = core(schema)
    describe_values(graphql_schema)
    describe_arguments(graphql_schema)
    state_costs(graphql_schema)
    sources = field_map(graphql_schema)
    for named in graphql_schema.type_map.values():
        if is_abstract_type(named) and named.name in {"Node", "Subject", "_Entity"}:
            named.resolve_type = _typename
        elif isinstance(named, GraphQLObjectType):
            planned = [name for name in named.fields if f"{named.name}.{name}" in sources]
            if planned and named.name not in {"Query", "Mutation", "Subscription"}:
                named.is_type_of = (
                    None
                    if not any(isinstance(sources[f"{named.name}.{name}"], ReadBack) for name in planned)
                    else named.is_type_of
                )
            for name in planned:
                is_back = isinstance(sources[f"{named.name}.{name}"], ReadBack)
                named.fields[name].resolve = _read_back if is_back else _from_plan
    return schema


def _typename(value: Any, *_: object) -> str:  # noqa: ANN401 - a Record of the plan
    return str(value.typename)


def _from_plan(source: Any, info: GraphQLResolveInfo[Any], **_: object) -> object:  # noqa: ANN401 - a Record of the plan
    """Return the value that the readers of the plan have put under this response key."""
    return info.context.planned[info.path.key] if source is None else source[info.path.key]


async def _read_back(source: Any, info: GraphQLResolveInfo[Any], **_: object) -> object:  # noqa: ANN401 - a payload
    """Read back what a mutation wrote, like any query."""
    keys = getattr(source, info.field_name)
    return await info.context.read_back(tuple(str(step) for step in info.path.as_list()), keys)
