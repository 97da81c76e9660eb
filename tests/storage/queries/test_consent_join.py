"""The live authorisation, checked in the statement that reads [5.1.6] [4.1]: who falls away, what is withheld."""

from datetime import timedelta

import pytest

from consent.vocabulary import FieldGroup, Purpose
from queryplan.entities import Entity
from queryplan.plan import Column, Figure, Filter, Join, SelectPlan
from queryplan.scopes import Scope
from storage.database.database import Database
from storage.errors import NoConsentJoined, UnknownColumn
from storage.queries.query_runner import SqlQueryRunner
from tests.storage import rows
from tests.storage.rows import EARLIER, TODAY, authorisation, found, key, put, read

DAY = timedelta(days=1)

AUTHORISATIONS = [
    # what it is, what differs from a live one of D1 for a credit check, whether it lets the row in
    ("live", {}, True),
    ("last day", {"expires_on": TODAY}, True),
    ("expired yesterday", {"expires_on": TODAY - DAY}, False),
    ("begins today", {"starts_on": TODAY}, True),
    ("begins tomorrow", {"starts_on": TODAY + DAY}, False),
    ("requested, not granted", {"granted_at": None}, False),
    ("refused", {"granted_at": None, "refused_at": EARLIER}, False),
    ("withdrawn", {"withdrawn_at": EARLIER}, False),
    ("contested", {"contested_at": EARLIER}, False),
    ("waits for a second person", {"held_at": EARLIER}, False),
    ("a second person confirmed it", {"held_at": EARLIER, "confirmed_at": EARLIER}, True),
    ("narrowed", {"narrowed_at": EARLIER, "groups": 4}, True),
    ("one use left", {"uses_made": 4}, True),
    ("used up", {"uses_made": 5}, False),
    ("no use allowed", {"uses_allowed": 0}, False),
    ("to another department", {"recipient_code": "D2"}, False),
    ("for another purpose", {"purpose": "CONSULTATION"}, False),
    # Written into the table past the rules: the template bounds it in the statement [5.1.6].
    ("as long as can be granted", {"starts_on": TODAY - DAY, "expires_on": TODAY + 365 * DAY}, True),
    ("a day longer", {"starts_on": TODAY - DAY, "expires_on": TODAY + 366 * DAY}, False),
    ("for ten years, a million uses", {"expires_on": TODAY + 3650 * DAY, "uses_allowed": 1_000_000}, False),
    ("without a first day", {"starts_on": None}, False),
    (
        "a day longer than its paper",
        {"signed_on": TODAY - 2 * DAY, "starts_on": TODAY - DAY, "expires_on": TODAY + 365 * DAY},
        False,
    ),
    ("as many uses as can be granted", {"uses_allowed": 100}, True),
    ("a use more", {"uses_allowed": 101}, False),
    ("for a group beyond it", {"groups": 5 | FieldGroup.CONTACT}, False),
    ("of another template", {"template": "consultation/1"}, False),
    ("of a template of none", {"template": "credit-check/2"}, False),
]


@pytest.fixture(scope="module")
async def query_runner(shared_database: Database) -> SqlQueryRunner:
    made = [rows.subject("nobody asked")]
    for name, differs, _ in AUTHORISATIONS:
        made += [
            rows.subject(name),
            rows.restraint(f"case: {name}", of=name),
            authorisation(f"authorisation: {name}", of=name, **differs),
        ]
    made += [
        rows.subject("two live"),
        authorisation("narrow, lasts long", of="two live", groups=4, expires_on=TODAY + 300 * DAY),
        authorisation("wide", of="two live", groups=5, expires_on=TODAY + 30 * DAY),
        authorisation("wide, lasts longer", of="two live", groups=5, expires_on=TODAY + 60 * DAY),
        authorisation("wide, longest, withdrawn", of="two live", groups=5, withdrawn_at=EARLIER),
        rows.subject("identity only", kind="LEGAL_PERSON"),
        rows.subject_key("identity only"),
        rows.restraint("case: identity only", of="identity only"),
        authorisation("authorisation: identity only", of="identity only", groups=int(FieldGroup.IDENTITY)),
        rows.subject("all groups"),
        rows.subject_key("all groups"),
        rows.restraint("case: all groups", of="all groups"),
        authorisation("authorisation: all groups", of="all groups"),
    ]
    await put(shared_database, *made)
    return SqlQueryRunner(shared_database)


def check(*columns: Column, entity: Entity = Entity.SUBJECT, **more: object) -> SelectPlan:
    return SelectPlan(entity, columns, scopes=(Scope.ALL,), consent=Purpose.CREDIT_CHECK, **more)


@pytest.mark.parametrize(("name", "lets_in"), [(name, lets_in) for name, _, lets_in in AUTHORISATIONS])
@pytest.mark.parametrize("entity", [Entity.SUBJECT, Entity.RESTRAINT_CASE])
async def test_only_a_live_authorisation_lets_a_row_in(query_runner, entity, name, lets_in):
    statement = check(Column("", "subject_id"), entity=entity)
    assert (key(name) in await found(query_runner, statement)) is lets_in


async def test_without_any_authorisation_there_is_no_row(query_runner):
    assert key("nobody asked") not in await found(query_runner, check(Column("", "subject_id")))


@pytest.mark.parametrize("unknown", ["actor_department", "today"])
async def test_an_actor_without_department_or_day_has_no_authorisation(query_runner, unknown):
    assert await found(query_runner, check(Column("", "subject_id")), **{unknown: None}) == []


async def test_of_several_the_widest_counts_then_the_longest_and_only_once(query_runner):
    statement = check(
        Column("", "consent:authorisation"),
        Column("", "consent:groups"),
        filters=(Filter("", "subject_id", "=", "who"),),
    )
    result = await read(query_runner, statement, who=key("two live"))
    assert result.rows == [[(key("wide, lasts longer"), 5)]]


def of(name: str, *columns: Column, entity: Entity = Entity.SUBJECT, joins: tuple[Join, ...] = ()) -> SelectPlan:
    return check(*columns, entity=entity, joins=joins, filters=(Filter("", "subject_id", "=", "who"),))


GROUPED = (
    Column("", "name", "mask", groups=int(FieldGroup.IDENTITY)),
    Column("", "name", "sealed", groups=int(FieldGroup.IDENTITY)),
    Column("", "is_restrained", groups=int(FieldGroup.RESTRAINT)),
    Column("", "area_code", groups=int(FieldGroup.IDENTITY | FieldGroup.RESTRAINT)),
)


async def test_a_group_that_was_not_granted_is_withheld_by_the_statement(query_runner):
    """An authorisation names its scope, and nothing outside it is selected [5.1.6]."""
    ((mask, box, restrained, area),) = (
        await read(query_runner, of("identity only", *GROUPED), who=key("identity only"))
    ).rows[0]
    assert (mask, box.text, restrained, area) == (
        "masked name of identity only",
        b"sealed name of identity only",
        None,
        None,
    )


async def test_what_was_granted_is_shown(query_runner):
    ((mask, _, restrained, area),) = (await read(query_runner, of("all groups", *GROUPED), who=key("all groups"))).rows[
        0
    ]
    assert (mask, restrained, area) == ("masked name of all groups", True, "370305001")


async def test_the_groups_of_a_case_are_those_of_its_subject(query_runner):
    statement = of(
        "identity only",
        Column("subject", "name", "mask", groups=int(FieldGroup.IDENTITY)),
        Column("", "facts", "sealed", groups=int(FieldGroup.FACTS)),
        Column("", "facts", "mask", groups=int(FieldGroup.FACTS)),
        entity=Entity.RESTRAINT_CASE,
        joins=(Join("subject", "", "subject"),),
    )
    result = await read(query_runner, statement, who=key("identity only"))
    assert result.rows == [[("masked name of identity only", None, None)]]


async def test_kinds_show_a_column_of_those_subjects_only(query_runner):
    """The name of a company is not that of a person: each is asked for by kind."""
    columns = (Column("", "name", "mask", kinds=("LEGAL_PERSON", "OTHER_ORGANISATION")), Column("", "kind"))
    shown = {
        name: (await read(query_runner, of(name, *columns), who=key(name))).rows[0]
        for name in ("identity only", "all groups")
    }
    assert shown == {
        "identity only": [("masked name of identity only", "LEGAL_PERSON")],
        "all groups": [(None, "NATURAL_PERSON")],
    }


async def test_kinds_of_a_joined_subject(query_runner):
    statement = of(
        "all groups",
        Column("subject", "name", "mask", kinds=("NATURAL_PERSON",)),
        Column("subject", "name", "mask", kinds=("LEGAL_PERSON",)),
        entity=Entity.RESTRAINT_CASE,
        joins=(Join("subject", "", "subject"),),
    )
    assert (await read(query_runner, statement, who=key("all groups"))).rows == [[("masked name of all groups", None)]]


WITHIN = [
    # the row's scopes, the scope that shows the facts, who asks, whether they are shown
    ((Scope.DEPARTMENT,), (Scope.ASSIGNED,), "handler-1", True),
    ((Scope.DEPARTMENT,), (Scope.ASSIGNED,), "somebody else", False),
    ((Scope.DEPARTMENT,), (Scope.ASSIGNED,), None, False),
    ((Scope.DEPARTMENT,), (Scope.ASSIGNED, Scope.DEPARTMENT), "somebody else", True),
    ((Scope.DEPARTMENT, Scope.ASSIGNED), (Scope.ASSIGNED,), "somebody else", False),
    ((Scope.DEPARTMENT,), (Scope.PUBLISHED, Scope.OWN), "somebody else", True),
    ((), (Scope.ASSIGNED,), "somebody else", False),
]


@pytest.mark.parametrize(("scopes", "within", "actor", "shown"), WITHIN)
async def test_a_column_may_be_shown_of_a_part_of_the_rows_only(query_runner, scopes, within, actor, shown):
    """Assigned cases in the clear, the department's others not, in one statement [5.1.1]."""
    columns = (Column("", "facts", "mask", within=within), Column("", "number", within=within))
    statement = SelectPlan(
        Entity.RESTRAINT_CASE,
        columns,
        scopes=scopes,
        consent=Purpose.CREDIT_CHECK,
        filters=(Filter("", "subject_id", "=", "who"),),
    )
    result = await read(query_runner, statement, who=key("live"), actor_ref=actor)
    assert result.rows == [[("masked facts of case: live", "case: live") if shown else (None, None)]]


@pytest.mark.parametrize(
    ("column", "refusal"),
    [
        (Column("", "name", "mask", groups=1), NoConsentJoined),
        (Column("", "consent:groups"), NoConsentJoined),
        (Column("", "consent:authorisation"), NoConsentJoined),
        (Column("", "consent:purpose"), UnknownColumn),
    ],
)
async def test_what_hangs_on_an_authorisation_needs_one_joined(query_runner, column, refusal):
    statement = SelectPlan(Entity.SUBJECT, (column,), scopes=(Scope.ALL,))
    with pytest.raises(refusal):
        query_runner.prepare(rows.QueryPlan((statement,)))


async def test_a_reference_table_knows_no_authorisation(query_runner):
    with pytest.raises(UnknownColumn):
        query_runner.prepare(rows.QueryPlan((check(Column("", "code"), entity=Entity.AREA),)))


async def test_a_total_counts_consented_rows_only(query_runner):
    statement = check(Column("", "subject_id"), figures=(Figure.TOTAL,))
    result = await read(query_runner, statement)
    lets_in = sum(lets_in for _, _, lets_in in AUTHORISATIONS) + 3
    assert result.figures == [{Figure.TOTAL: {None: lets_in}}]
    assert len(result.rows[0]) == lets_in
