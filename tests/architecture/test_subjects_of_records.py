"""A record that shows its subject shows no more of it than the role may see of that subject [5.1.6]."""

from collections import defaultdict
from collections.abc import Mapping

import pytest

import gateway.settings.settings
from consent.vocabulary import DataClass, Form, Purpose
from policy.actors import Role
from policy.decisions import Grant, load
from queryplan.entities import Entity
from queryplan.scopes import WHILE_OPEN, Scope
from schema.build import build
from schema.core.entities import KIND_OF
from schema.core.fields import DisclosureSource, ManySource, OneSource, core, field_map, refusal_fields
from storage.queries.scope_tables import SCOPE_RULES
from tests.architecture.sources.subject_scopes import EXISTENCE, FURTHER, MASKED, STANDS_FOR, Pair

Shown = Mapping[Pair, set[tuple[DataClass, Form]]]


def has_rows(scope: Scope, entity: Entity) -> bool:
    return (scope, entity) in SCOPE_RULES or (WHILE_OPEN.get(scope), entity) in SCOPE_RULES


@pytest.fixture(scope="module")
def shown() -> Shown:
    """Give for each entity with a subject, and each scope of the policy, what its rows show of that subject."""
    schema = core(build())
    sources = field_map(schema)
    table = load(gateway.settings.settings.POLICY_OF_THIS_RELEASE, refusal_fields(schema))
    type_of = {entity.spec.graphql_type: entity for entity in Entity}
    with_subject = {
        type_of[name.partition(".")[0]]
        for name, source in sources.items()
        if isinstance(source, OneSource) and source.entity is Entity.SUBJECT and name.partition(".")[0] in type_of
    }
    columns = {
        table.classes[name]
        for name, source in sources.items()
        if name.partition(".")[0] in KIND_OF and not isinstance(source, ManySource | DisclosureSource)
    }

    def grants(role: Role, purpose: Purpose, data_class: DataClass) -> tuple[Grant, ...]:
        found = table.read(role, purpose, data_class)
        return found if isinstance(found, tuple) else ()

    found: dict[Pair, set[tuple[DataClass, Form]]] = defaultdict(set)
    for role in Role:
        for purpose in Purpose:
            entities = [one for one in with_subject if grants(role, purpose, DataClass(one.spec.data_class))]
            for data_class in columns:
                for grant in grants(role, purpose, data_class):
                    for entity in entities:
                        if has_rows(grant.scope, entity):
                            found[entity, grant.scope].add((data_class, grant.form))
    return found


def test_the_table_has_every_pair_and_no_other(shown: Shown) -> None:
    """A new entity, or a new row of who.csv, says here how far it reaches."""
    assert set(shown) == {*STANDS_FOR, *EXISTENCE, *MASKED, *FURTHER}


def test_what_reaches_further_shows_that_somebody_is_there_and_no_more(shown: Shown) -> None:
    for pair in EXISTENCE:
        assert shown[pair] == {(DataClass.SUBJECT, Form.CLEAR)}, pair
    names = {DataClass.PERSON_NAME, DataClass.ORGANISATION_NAME}
    for pair in MASKED:
        assert shown[pair] - {(DataClass.SUBJECT, Form.CLEAR)} == {(name, Form.MASKED) for name in names}, pair


def test_whether_somebody_is_restrained_anywhere_is_shown_in_no_scope_of_a_department(shown: Shown) -> None:
    """It counts the restraints of all departments [4.1]."""
    flagged = {
        scope for (_, scope), columns in shown.items() if DataClass.RESTRAINT_FLAG in {one for one, _ in columns}
    }
    assert flagged == {
        Scope.OWN, Scope.DELEGATED_RESTRAINT, Scope.SECTOR_AREA, Scope.RESTRAINED, Scope.PUBLISHED
    }  # fmt: skip
