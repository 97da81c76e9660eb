"""The schema reads like a manual, and every field of it is guarded. What is printed here is what is committed."""

import re
from pathlib import Path
from uuid import UUID

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
    specified_scalar_types,
)

import gateway.settings.settings
from consent.vocabulary import WITHOUT_PURPOSE, DataClass, Purpose
from policy.actors import Role
from policy.decisions import Decisions, Grant, load
from policy.loader import REFUSAL_FIELDS
from queryplan.entities import OWNED, SCOPED, Entity
from queryplan.scopes import WHILE_OPEN, Scope
from schema.build import build
from schema.core.entities import KIND_OF, data_class_of
from schema.core.fields import (
    ColumnSource,
    DisclosureSource,
    FunctionSource,
    ManySource,
    OneSource,
    ReadBack,
    SealedSource,
    Source,
    Structure,
    classified_fields,
    field_map,
    refusal_fields,
)
from schema.core.global_ids import decode, encode
from storage.queries.entity_map import NUMBER, NUMBER_COLUMNS, SHAPES
from storage.queries.scope_tables import SCOPE_RULES
from tests.shipped_schema import shipped_schema, shipped_types

PRINTED = Path(build.__code__.co_filename).with_name("schema.graphql")
PERSONAL = {*KIND_OF, *(entity.spec.graphql_type for entity in OWNED)}
"""The types whose rows belong to somebody."""
DISCLOSURE = "disclosure"
OPEN_ROOTS = {
    "Query.viewer", "Query.node", "Query.nodes", "Query.departments", "Query.matters", "Query.sectors", "Query.areas",
    "Query.department", "Query.matter", "Query.sector", "Query.area",
    "Query.authorisationTemplates", "Query.incentives", "Query.measures", "Query.policyTexts", "Query.publicityRules",
    "Query.workingDays", "Query.labels", "Query.explainAccess", "Query.checkNotice", "Query.publishedFigures",
}  # fmt: skip
"""Roots that need no purpose of their own: about nobody, about the caller, or decided by the type of each id."""


SAID_AT_ONCE = {
    "MessageQueued.messageId", "SubjectRegistered.subjectId", "NameToConfirm.correction",
    # What is replied is of a moment, and cannot be read back: `schema.consultations.mutations` asks the policy itself.
    "ConsultationAnswered.lines", "ConsultationAnswered.answeredAt",
    # About the caller's own visit, and nobody.
    "TargetVisitNoted.at", "NotificationsSeen.count",
    # The day that the caller gave: what became of the request is not for the officer who enters a refusal.
    "RefusalEntered.on",
}  # fmt: skip
"""What a payload says of itself, and why it may."""

WITHOUT_ROWS = {
    # A subject has lines of a consultation, and its recipient has the consultation.
    (Scope.OWN, Entity.CONSULTATION), (Scope.DELEGATED_RESTRAINT, Entity.CONSULTATION),
    (Scope.DEPARTMENT, Entity.CONSULTATION_LINE),
    # A delegation shows its office that there is a subject, and brings none into view.
    (Scope.RECORDED, Entity.SUBJECT),
    # A reviewer reads the application of a breach, and not what it was granted on [5.1.2c].
    (Scope.REVIEWING_OPEN, Entity.INCENTIVE_GRANT),
    # Who answers a question about a read sees that read, and not the other records of who knows of the subject.
    *((scope, entity) for scope in (Scope.REVIEWING_OPEN, Scope.ANSWERING)
      for entity in (Entity.ENTRY_DELAY, Entity.REGISTRATION)),
}  # fmt: skip
"""Scopes that are granted for the class of an entity, where the entity has no rows."""


@pytest.fixture(scope="module")
def schema() -> GraphQLSchema:
    return shipped_types()


@pytest.fixture(scope="module")
def table(schema: GraphQLSchema) -> Decisions:
    return load(gateway.settings.settings.POLICY_OF_THIS_RELEASE, refusal_fields(schema))


@pytest.fixture(scope="module")
def sources(schema: GraphQLSchema) -> dict[str, Source]:
    return field_map(schema)


def ours(schema: GraphQLSchema) -> list[GraphQLObjectType]:
    return [
        named
        for named in schema.type_map.values()
        if isinstance(named, GraphQLObjectType) and not named.name.startswith("__")
    ]


def test_the_schema_that_is_committed_is_the_one_that_is_served() -> None:
    if not PRINTED.exists():
        pytest.skip("schema/schema.graphql is not there yet: run `make schema`")
    assert PRINTED.read_text(encoding="utf-8") == shipped_schema().as_str().rstrip("\n") + "\n"


def test_everything_has_a_description(schema: GraphQLSchema) -> None:
    bare: list[str] = []
    for named in schema.type_map.values():
        if named.name.startswith("__") or named in specified_scalar_types.values():
            continue
        if not named.description:
            bare.append(named.name)
        if isinstance(named, GraphQLEnumType):
            bare += [f"{named.name}.{name}" for name, value in named.values.items() if not value.description]
        if isinstance(named, GraphQLInputObjectType):
            bare += [f"{named.name}.{name}" for name, given in named.fields.items() if not given.description]
        if isinstance(named, GraphQLObjectType | GraphQLInterfaceType):
            for name, field in named.fields.items():
                bare += [] if field.description else [f"{named.name}.{name}"]
                bare += [f"{named.name}.{name}({at})" for at, given in field.args.items() if not given.description]
    assert bare == []


def test_the_name_of_a_time_says_its_type(schema: GraphQLSchema) -> None:
    """`…On` is a day, `…At` an instant, and a clock with its last day has neither ending."""
    for named in ours(schema):
        for name, field in named.fields.items():
            shown = get_named_type(field.type).name
            if field.deprecation_reason is None:
                assert not name.endswith("On") or shown == "Date", f"{named.name}.{name}"
                assert not name.endswith("At") or shown == "DateTime", f"{named.name}.{name}"


def test_a_deprecated_field_names_one_that_shows_the_same(schema: GraphQLSchema) -> None:
    for named in ours(schema):
        for field in named.fields.values():
            told = re.fullmatch(r"It is `(\w+)`\.", field.deprecation_reason or "")
            assert told is None or told[1] in named.fields, f"{named.name}: {field.deprecation_reason}"


def test_only_the_forms_of_other_fields_have_no_class_of_their_own(sources: dict[str, Source]) -> None:
    """It shows no column, and says of each field what its value, its mask and its error say."""
    found = {name.partition(".")[2] for name, source in sources.items() if isinstance(source, DisclosureSource)}
    assert found == {DISCLOSURE}


def test_every_field_has_a_class(schema: GraphQLSchema, table: Decisions) -> None:
    table.require(classified_fields(schema))


def test_every_field_of_something_personal_has_a_personal_class(schema: GraphQLSchema, table: Decisions) -> None:
    for named in ours(schema):
        if named.name in PERSONAL:
            for name in named.fields.keys() - {DISCLOSURE}:
                assert table.classes[f"{named.name}.{name}"] not in WITHOUT_PURPOSE, f"{named.name}.{name}"


def test_every_root_but_a_few_has_a_personal_class(schema: GraphQLSchema, table: Decisions) -> None:
    for root in ("Query", "Mutation"):
        named = schema.type_map[root]
        assert isinstance(named, GraphQLObjectType)
        for name in named.fields:
            is_open = table.classes[f"{root}.{name}"] in WITHOUT_PURPOSE
            assert is_open == (f"{root}.{name}" in OPEN_ROOTS), f"{root}.{name}"


def test_only_a_type_about_nobody_leads_to_the_personal_without_a_personal_class(
    schema: GraphQLSchema, table: Decisions
) -> None:
    """A step of class REFERENCE or SESSION to something personal would be a way around the guard."""
    for named in ours(schema):
        for name, field in named.fields.items():
            target = get_named_type(field.type).name
            data_class = table.classes.get(f"{named.name}.{name}")
            if target in PERSONAL and data_class is not None and f"{named.name}.{name}" not in OPEN_ROOTS:
                assert data_class not in WITHOUT_PURPOSE, f"{named.name}.{name}"


def test_a_personal_field_may_be_null(schema: GraphQLSchema, table: Decisions, sources: dict[str, Source]) -> None:
    """Else withholding it would null its parent [a guarded field is nullable]. Ids and kinds come with the row."""
    for named in ours(schema):
        if named.name in PERSONAL:
            for name, field in named.fields.items():
                if (
                    name != DISCLOSURE
                    and table.classes[f"{named.name}.{name}"] is not DataClass.SUBJECT
                    and name != "id"
                ):
                    assert not str(field.type).endswith("!"), f"{named.name}.{name}"


def test_an_interfaces_field_is_never_wider_than_those_of_its_types(schema: GraphQLSchema, table: Decisions) -> None:
    """Interfaces have no classes of their own: each field is authorised on the concrete types."""
    assert not {name for name in table.classes if name.startswith(("Subject.", "Node.", "Refusal."))}
    subject = schema.type_map["Subject"]
    assert isinstance(subject, GraphQLInterfaceType)
    for name in subject.fields.keys() - {DISCLOSURE}:
        assert all(f"{concrete}.{name}" in table.classes for concrete in KIND_OF)


def test_a_scope_that_the_policy_grants_has_a_rule_for_each_entity(table: Decisions) -> None:
    """Without its row in `storage.queries.scope_tables` the entity would be empty there, and nobody would be told."""
    granted = {
        (grant.scope, entity)
        for entity in SCOPED - {Entity.TARGET_CHANGE}
        for role in Role
        for purpose in Purpose
        for grant in grants_of(table, role, purpose, data_class_of(entity))
        if grant.scope is not Scope.ALL
    }
    # A scope that ends with its reason has the open rows of the one that it continues.
    ruled = {one for one in granted if {one, (WHILE_OPEN.get(one[0]), one[1])} & set(SCOPE_RULES)}
    assert granted - ruled == WITHOUT_ROWS


def grants_of(table: Decisions, role: Role, purpose: Purpose, data_class: DataClass) -> tuple[Grant, ...]:
    found = table.read(role, purpose, data_class)
    return found if isinstance(found, tuple) else ()


def test_what_a_refusal_says_of_itself_is_open_and_its_facts_have_rows(schema: GraphQLSchema, table: Decisions) -> None:
    shared = {name for one in ("Refusal", "RefusalWithWayOut") for name in fields_of(schema, one)}
    assert shared | {"clause"} == REFUSAL_FIELDS
    for name in refusal_fields(schema):
        assert (name in table.rules.class_lines) == (name.partition(".")[2] not in REFUSAL_FIELDS), name


def fields_of(schema: GraphQLSchema, name: str) -> set[str]:
    named = schema.type_map[name]
    assert isinstance(named, GraphQLInterfaceType)
    return set(named.fields)


def test_every_list_is_ordered_by_what_its_readers_see(
    schema: GraphQLSchema, table: Decisions, sources: dict[str, Source]
) -> None:
    """A cursor holds the values of the order in plain text: ordering by a field is reading it."""
    for name, source in sources.items():
        if not isinstance(source, ManySource) or source.entity is Entity.SUBJECT:
            continue
        of_list = table.classes[name]
        choices = [source.choice(None), *source.orders.values()]
        for order, reads in [(order, choice.reads) for choice in choices for order in choice.ordering.order]:
            if order.name not in source.entity.spec.keys:
                shown = classes_of(source.entity.spec.graphql_type, order.name, table, sources)
                # An order that not all of them see counts as a filter: it is refused to who does not read its field.
                seen = (
                    {table.classes[reads]} & shown
                    if reads
                    else {one for one in shown if sees_with(table, of_list, one)}
                )
                assert seen, f"{name}: {order.name}"


def sees_with(table: Decisions, of_list: DataClass, of_column: DataClass) -> bool:
    """Give whether whoever reads the list reads the column in the same rows."""
    return of_list == of_column or all(
        {one.scope for one in grants_of(table, role, purpose, of_list)}
        <= {one.scope for one in grants_of(table, role, purpose, of_column)}
        for role in Role
        for purpose in Purpose
    )


def classes_of(typename: str, column: str, table: Decisions, sources: dict[str, Source]) -> set[DataClass]:
    """Give the classes of the fields of *typename* that show this column."""
    return {
        table.classes[name]
        for name, source in sources.items()
        if name.startswith(f"{typename}.")
        and ((isinstance(source, ColumnSource) and source.name == column)
             or (isinstance(source, FunctionSource) and column in source.columns))
    }  # fmt: skip


def test_every_filter_names_the_field_that_it_reads(table: Decisions, sources: dict[str, Source]) -> None:
    for name, source in sources.items():
        if isinstance(source, ManySource):
            for guarding in source.choices.values():
                assert all(field in table.classes for field in guarding.guarded), name
            for argument, choice in source.choices.items():
                assert choice.reads in table.classes, f"{name}({argument})"
                typename = "NaturalPerson" if source.entity is Entity.SUBJECT else source.entity.spec.graphql_type
                own_subject = choice.column == "subject_id" and choice.reads == "NaturalPerson.id"
                assert own_subject or choice.reads.startswith(f"{typename}."), f"{name}({argument})"


def test_every_mutation_has_one_input_and_a_union_that_names_its_refusals(schema: GraphQLSchema) -> None:
    mutations = schema.mutation_type
    assert mutations is not None
    for name, field in mutations.fields.items():
        assert list(field.args) == ["input"], name
        assert isinstance(get_named_type(field.args["input"].type), GraphQLInputObjectType), name
        result = get_named_type(field.type)
        assert isinstance(result, GraphQLUnionType), name
        assert result.name == f"{name[0].upper()}{name[1:]}Result"
        refusals = [one for one in result.types if "Refusal" in {above.name for above in one.interfaces}]
        assert 0 < len(refusals) < len(result.types), name


def test_a_mutation_reads_its_result_back_through_the_authorised_query(
    schema: GraphQLSchema, sources: dict[str, Source]
) -> None:
    """A payload with a resolver of its own could show what the guard withholds; it may name ids, and no more."""
    mutations = schema.mutation_type
    assert mutations is not None
    for field in mutations.fields.values():
        result = get_named_type(field.type)
        assert isinstance(result, GraphQLUnionType)
        for member in result.types:
            if "Refusal" not in {above.name for above in member.interfaces}:
                for name in member.fields:
                    source = sources.get(f"{member.name}.{name}")
                    assert isinstance(source, ReadBack) or f"{member.name}.{name}" in SAID_AT_ONCE


def test_every_field_of_an_entity_is_planned_and_none_has_a_resolver_of_its_own(
    schema: GraphQLSchema, sources: dict[str, Source]
) -> None:
    entities = {*KIND_OF, *(entity.spec.graphql_type for entity in Entity)} - {"Subject"}
    for named in ours(schema):
        if named.name in entities:
            assert {f"{named.name}.{name}" for name in named.fields} <= set(sources)


def test_every_field_of_an_entity_shows_what_its_table_has(sources: dict[str, Source]) -> None:
    """A column or relation that `storage.queries.entity_map` does not know fails only when a client asks for it."""
    entity_of = {entity.spec.graphql_type: entity for entity in Entity} | dict.fromkeys(KIND_OF, Entity.SUBJECT)
    unknown: list[str] = []
    for name, source in sources.items():
        entity = entity_of.get(name.partition(".")[0])
        if entity is None:
            continue
        stored = SHAPES[entity]
        plain = stored.plain | set(stored.answers) | set(stored.conditions)
        sealed = stored.sealed
        if entity is Entity.SUBJECT:
            plain, sealed = plain | set(NUMBER_COLUMNS), sealed | NUMBER.sealed
        match source:
            case ColumnSource(name=column):
                known = column in plain
            case FunctionSource(columns=columns):
                known = plain.issuperset(columns)
            case SealedSource(name=column):
                known = column in sealed
            case OneSource(relation=relation):
                known = relation in stored.to_one
            case ManySource(relation=relation):
                known = relation in stored.to_many
            case _:
                known = True
        unknown += [] if known else [name]
    assert unknown == []


def test_parts_of_pages_carry_the_class_of_their_list(schema: GraphQLSchema, sources: dict[str, Source]) -> None:
    for named in ours(schema):
        if named.name.endswith(("Connection", "Edge")) or named.name in {"PageInfo", "Total"}:
            assert all(isinstance(sources[f"{named.name}.{name}"], Structure) for name in named.fields), named.name


def test_the_ids_of_every_entity_are_distinct() -> None:
    assert all(entity.spec.keys for entity in Entity)
    # A work item has none: it is gone when it is done. Nor has a change: it is over with the next look.
    named = set(Entity) - {Entity.WORK_ITEM, Entity.TARGET_CHANGE}
    ids = {encode(entity, *("x" if name == "code" else UUID(int=1) for name in entity.spec.keys)) for entity in named}
    assert {decode(one).entity for one in ids} == named


def test_the_tags_inside_global_ids_are_each_given_once() -> None:
    tags = [entity.spec.tag for entity in Entity if entity.spec.tag is not None]
    assert len(set(tags)) == len(tags)


def test_every_entity_names_a_type_of_the_schema_and_a_class(schema: GraphQLSchema) -> None:
    for entity in Entity:
        assert entity.spec.graphql_type in schema.type_map, entity
        assert data_class_of(entity).value == entity.spec.data_class
