"""A purpose that admits a mutation has rows of the records that its input names [5.1.6].

Otherwise somebody who has such a record for another purpose takes a step of it for this one, and the refusal of the
step tells what this purpose does not show.
"""

import pytest
from graphql import GraphQLInputObjectType, get_named_type

from consent.vocabulary import Purpose
from gateway.settings.settings import POLICY_OF_THIS_RELEASE
from policy.actors import Role
from policy.decisions import Withheld, load
from queryplan.entities import Entity
from queryplan.scopes import Scope
from schema.core.fields import refusal_fields
from schema.execution.planning.authorizer import action_of
from storage.queries.scope_tables import SCOPE_RULES
from tests.shipped_schema import shipped_types

SCHEMA = shipped_types()
assert SCHEMA.mutation_type is not None
MUTATIONS = SCHEMA.mutation_type.fields
TABLE = load(POLICY_OF_THIS_RELEASE, refusal_fields(SCHEMA))
RECORDS = {
    "case": Entity.RESTRAINT_CASE, "application": Entity.APPLICATION, "authorisation": Entity.AUTHORISATION,
    "correction": Entity.CORRECTION, "telling": Entity.CORRECTION_TELLING, "objection": Entity.OBJECTION,
    "delegation": Entity.DELEGATION,
}  # fmt: skip
"""The fields of inputs that name the record of a step."""
ELSEWHERE = {
    # A new record that names an application: the action finds it at the caller's own department, or refuses it.
    "grantIncentive", "requestAuthorisation", "recordPaperAuthorisation",
    # The applicant itself; every officer is refused.
    "offerAuthorisation",
}  # fmt: skip


@pytest.mark.parametrize("mutation", sorted(MUTATIONS.keys() - ELSEWHERE))
def test_whoever_may_take_a_step_for_a_purpose_has_such_records_for_it(mutation: str) -> None:
    given = get_named_type(MUTATIONS[mutation].args["input"].type)
    assert isinstance(given, GraphQLInputObjectType)
    named = {RECORDS[field] for field in given.fields if field in RECORDS}
    for role in Role:
        for purpose in Purpose:
            data_class, action = TABLE.classes[f"Mutation.{mutation}"], action_of(MUTATIONS[mutation])
            scopes = TABLE.act(role, purpose, data_class, action)
            if isinstance(scopes, Withheld):
                continue
            for entity in named:
                assert any(scope is Scope.ALL or (scope, entity) in SCOPE_RULES for scope in scopes), (role, purpose)
