"""What can be named in a plan, what comes back for it, and what is refused before anything is read."""

from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from consent.vocabulary import Purpose
from credit.calendar.calendar import shipped
from credit.subjects.subject import Place, Sealed
from queryplan.entities import Entity
from queryplan.plan import Column, Figure, Filter, Join, Order, QueryPlan, SelectPlan
from queryplan.scopes import Scope
from schema.execution.planning.due_day_binds import due_binds
from storage.database.database import Database
from storage.errors import InvalidPlan, NotATotalOrder, UnknownColumn, UnknownRelation, Unscoped, WrongBind
from storage.queries.entity_map import SHAPES
from storage.queries.query_runner import SqlQueryRunner
from tests.storage import rows
from tests.storage.rows import EARLIER, TODAY, found, key, put, read


@pytest.fixture(scope="module")
async def query_runner(shared_database: Database) -> SqlQueryRunner:
    await put(
        shared_database,
        rows.subject("one", version=7, phone_sealed=b"sealed phone", phone_mask="masked phone"),
        rows.subject_key("one"),
        rows.identifier("one"),
        rows.identifier("one", "SOCIAL_CREDIT_CODE"),
        rows.subject("company", kind="LEGAL_PERSON"),
        rows.subject_key("company"),
        rows.identifier("company", "ID_NUMBER"),
        rows.identifier("company", "SOCIAL_CREDIT_CODE", derived=True),
        rows.subject("trader", kind="SOLE_TRADER"),
        rows.identifier("trader", "SOCIAL_CREDIT_CODE"),
        rows.subject("shredded"),
        rows.identifier("shredded"),
        rows.application("filed", of="one"),
        rows.application("secret filing", of="one", confidential=True),
        rows.restraint("case", of="one", application_id=key("filed"), version=4, notes_mask="masked notes"),
        rows.restraint("case of a secret filing", of="company", application_id=key("secret filing")),
        rows.case_step("step", of="one", case="case"),
        rows.case_statement("statement", of="one", case="case"),
        rows.facts_version("version", of="one", case="case"),
        rows.authorisation("authorisation", of="one", application_id=key("filed")),
        rows.deletion_duty("duty", of="one"),
        rows.access_entry("entry", of="one"),
        rows.entry_delay("delay", of="one"),
        rows.delegation("delegation", of="one"),
        rows.registration("registration", of="one"),
        rows.issued_notice("notice", of="one", case="case"),
        rows.correction("correction", of="one", case="case"),
        rows.telling("telling", of="one", correction="correction", case="case"),
        rows.objection("objection", of="one", case="case"),
        *rows.file("file", of="one", record="RESTRAINT_CASE", to="case"),
        rows.filled(rows.tables.notifications, "notification", of="one", audience="SUBJECT"),
        *(
            rows.filled(table, table.name, of="one", **more)
            for table, more in (
                (rows.tables.credit_checks, {"answers": {}}),
                (rows.tables.incentive_grants, {}),
                (rows.tables.deferrals, {"application_id": key("filed")}),
                (rows.tables.commitments, {"application_id": key("filed")}),
                (rows.tables.consultation_lines, {}),
                (rows.tables.focused_checks, {}),
            )
        ),
        rows.filled(rows.tables.consultations, "consultation"),
        (rows.tables.identifier_terms, {"kind": "ID_NUMBER", "term": b"\x01" + bytes(32), "subject_id": key("one")}),
        (rows.tables.identifier_terms, {"kind": "ID_NUMBER", "term": b"\x02" + bytes(32), "subject_id": key("trader")}),
    )
    return SqlQueryRunner(shared_database)


def all_of(entity: Entity, *columns: Column, **more: object) -> SelectPlan:
    return SelectPlan(entity, columns, scopes=(Scope.ALL,), **more)


def one_of(entity: Entity, name: str, *columns: Column, **more: object) -> SelectPlan:
    return all_of(entity, *columns, filters=(Filter("", SHAPES[entity].row_id, "=", "who"),), **more)


@pytest.mark.sampled
@pytest.mark.parametrize("entity", Entity)
async def test_every_column_of_every_entity_can_be_read(query_runner, entity):
    names = sorted(SHAPES[entity].plain | set(SHAPES[entity].answers))
    binds = {**rows.ACTOR, **due_binds(shipped(), TODAY)}
    prepared = query_runner.prepare(QueryPlan((all_of(entity, *(Column("", name) for name in names)),)))
    result = await query_runner.read(prepared, binds)
    assert result.rows[0]
    assert {len(row) for row in result.rows[0]} == {len(names)}
    # The layout says what each value is, and where the driver has it.
    raw, (layout,) = await query_runner.read_raw(prepared, binds), prepared.layouts
    assert [tuple(value.of(row) for value in layout) for row in raw.rows[0]] == result.rows[0]
    for row in result.rows[0]:
        assert all(value is None or isinstance(value, one.python_type) for one, value in zip(layout, row, strict=True))


async def test_values_mean_the_same_on_both_databases(query_runner):
    columns = ("subject_id", "at", "grounds")
    result = await read(query_runner, all_of(Entity.ACCESS_ENTRY, *(Column("", name) for name in columns)))
    grounds = [("CONSENT", "[4.1]", [["NaturalPerson.name", "PERSON_NAME", "CLEAR"]], None)]
    assert result.rows == [[(key("one"), EARLIER, grounds)]]
    columns = ("published_on", "collected_at", "version", "in_force")
    statement = one_of(Entity.RESTRAINT_CASE, "case", *(Column("", name) for name in columns))
    result = await read(query_runner, statement, who=key("case"))
    assert result.rows == [[(date(2026, 1, 12), EARLIER, 4, True)]]


ITEMS = [
    # the subject, the item, its box
    ("one", "name", Sealed(Place("subjects", "name", key("one"), key("one"), 7), b"sealed name of one", b"key of one")),
    ("one", "phone", Sealed(Place("subjects", "phone", key("one"), key("one"), 7), b"sealed phone", b"key of one")),
    ("one", "address", None),
    (
        "one",
        "number",
        Sealed(
            Place("identifiers", "number", key("one"), key("ID_NUMBER of one"), 3),
            b"sealed ID_NUMBER of one",
            b"key of one",
        ),
    ),
    (
        "company",
        "number",
        Sealed(
            Place("identifiers", "number", key("company"), key("SOCIAL_CREDIT_CODE of company"), 3),
            b"sealed SOCIAL_CREDIT_CODE of company",
            b"key of company",
        ),
    ),
    ("shredded", "name", None),
    ("shredded", "number", None),
]


@pytest.mark.parametrize(("name", "item", "box"), ITEMS)
async def test_a_sealed_item_comes_back_as_a_box_bound_to_its_place(query_runner, name, item, box):
    """Without a text, or after its key was shredded, there is nothing to open: None."""
    assert await found(query_runner, one_of(Entity.SUBJECT, name, Column("", item, "sealed")), who=key(name)) == [box]


@pytest.mark.parametrize(
    ("name", "kind", "derived"),
    [("one", "ID_NUMBER", False), ("company", "SOCIAL_CREDIT_CODE", True), ("trader", "SOCIAL_CREDIT_CODE", False)],
)
async def test_a_subject_has_the_number_that_fits_its_kind(query_runner, name, kind, derived):
    columns = (Column("", "number", "mask"), Column("", "number_kind"), Column("", "number_derived"))
    result = await read(query_runner, one_of(Entity.SUBJECT, name, *columns), who=key(name))
    assert result.rows == [[(f"masked {kind} of {name}", kind, derived)]]


async def test_the_boxes_of_a_case_and_of_its_subject_are_each_in_their_place(query_runner):
    statement = one_of(
        Entity.RESTRAINT_CASE,
        "case",
        Column("", "facts", "sealed"),
        Column("who", "name", "sealed"),
        Column("who", "number", "sealed"),
        Column("", "notes", "sealed"),
        Column("", "notes", "mask"),
        Column("", "case_id"),
        joins=(Join("who", "", "subject"),),
    )
    ((facts, name, number, no_notes, notes_mask, case_id),) = (
        await read(query_runner, statement, who=key("case"))
    ).rows[0]
    assert facts.place == Place("restraint_cases", "facts", key("one"), key("case"), 4)
    assert name.place == Place("subjects", "name", key("one"), key("one"), 7)
    assert number.place == Place("identifiers", "number", key("one"), key("ID_NUMBER of one"), 3)
    assert {facts.key, name.key, number.key} == {b"key of one"}
    assert (no_notes, notes_mask, case_id) == (None, "masked notes", key("case"))


STEPS = [
    (Entity.APPLICATION, ("subject", "area"), "code", "370305001"),
    (Entity.APPLICATION, ("matter", "department", "sector"), "code", "S1"),
    (Entity.APPLICATION, ("department",), "code", "D1"),
    (Entity.RESTRAINT_CASE, ("subject", "area"), "name_zh", "370305001"),
    (Entity.RESTRAINT_CASE, ("subject",), "is_restrained", True),
    (Entity.RESTRAINT_CASE, ("application", "subject", "area"), "code", "370305001"),
    (Entity.RESTRAINT_CASE, ("application", "matter", "sector"), "code", "S1"),
    (Entity.RESTRAINT_CASE, ("sector",), "code", "S1"),
    (Entity.RESTRAINT_CASE, ("area",), "code", "370305001"),
    (Entity.AUTHORISATION, ("recipient", "sector"), "code", "S1"),
    (Entity.AUTHORISATION, ("application", "matter"), "code", "M1"),
    (Entity.AUTHORISATION, ("subject",), "kind", "NATURAL_PERSON"),
    (Entity.ACCESS_ENTRY, ("subject",), "kind", "NATURAL_PERSON"),
    (Entity.ACCESS_ENTRY, ("department",), "code", "D1"),
    (Entity.DELEGATION, ("subject", "area"), "code", "370305001"),
    (Entity.DEPARTMENT, ("sector",), "code", "S1"),
    (Entity.MATTER, ("sector",), "code", "S1"),
]


@pytest.mark.parametrize(("entity", "steps", "name", "value"), STEPS)
async def test_a_chain_of_to_one_steps(query_runner, entity, steps, name, value):
    joins = tuple(Join(f"step{index}", f"step{index - 1}" if index else "", step) for index, step in enumerate(steps))
    column = Column(f"step{len(steps) - 1}", name)
    # The order in which a plan lists its joins does not matter.
    assert value in await found(query_runner, all_of(entity, column, joins=joins[::-1]))


async def test_a_step_never_leads_to_a_confidential_application(query_runner):
    """[5.1.6]"""
    statement = one_of(
        Entity.RESTRAINT_CASE,
        "case of a secret filing",
        Column("of", "channel"),
        Column("of", "application_id"),
        joins=(Join("of", "", "application"),),
    )
    result = await read(query_runner, statement, who=key("case of a secret filing"))
    assert result.rows == [[(None, None)]]


async def test_a_missing_step_leaves_values_unknown(query_runner):
    statement = one_of(
        Entity.RESTRAINT_CASE,
        "case of a secret filing",
        Column("of_filing", "is_restrained"),
        joins=(Join("filing", "", "application"), Join("of_filing", "filing", "subject")),
    )
    assert await found(query_runner, statement, who=key("case of a secret filing")) == [None]


FILTERS = [
    ("=", "area_code", "370305001", 4),
    ("in", "kind", ["LEGAL_PERSON", "SOLE_TRADER"], 2),
    ("in", "kind", [], 0),
    ("in", "subject_id", [key("one"), key("company"), key("nobody")], 2),
    (">=", "registered_at", EARLIER, 4),
    (">", "registered_at", EARLIER, 0),
    ("<=", "changed_at", EARLIER, 4),
    ("<", "changed_at", datetime(2027, 1, 1, tzinfo=UTC), 4),
    ("in", "registered_at", [EARLIER], 4),
    ("prefix", "area_code", "370305", 4),
    ("prefix", "area_code", "3703_5", 0),
    ("prefix", "area_code", "%", 0),
    ("prefix", "kind", "legal", 0),
    ("prefix", "kind", "LEGAL", 1),
    ("=", "is_restrained", True, 2),
    ("=", "is_restrained", False, 2),
    ("=", "number_kind", "ID_NUMBER", 2),
    ("=", "kind", None, 0),
    ("in", "kind", None, 0),
    ("prefix", "kind", None, 0),
    ("in", "identifier_term", [b"\x01" + bytes(32)], 1),
    ("in", "identifier_term", [b"\x03" + bytes(32), b"\x01" + bytes(32), b"\x02" + bytes(32)], 2),
    ("in", "identifier_term", [b"\x03" + bytes(32)], 0),
    ("in", "identifier_term", [], 0),
    ("=", "identifier_term", b"\x02" + bytes(32), 1),
]


@pytest.mark.parametrize(("operator", "name", "value", "count"), FILTERS)
async def test_a_filter_keeps_these_rows(query_runner, operator, name, value, count):
    statement = all_of(Entity.SUBJECT, Column("", "subject_id"), filters=(Filter("", name, operator, "value"),))
    assert len(await found(query_runner, statement, value=value)) == count


async def test_a_filter_reaches_through_a_step(query_runner):
    statement = all_of(
        Entity.RESTRAINT_CASE,
        Column("", "case_id"),
        joins=(Join("area", "who", "area"), Join("who", "", "subject")),
        filters=(Filter("who", "kind", "=", "kind"), Filter("area", "code", "prefix", "area")),
        figures=(Figure.TOTAL,),
    )
    result = await read(query_runner, statement, kind="LEGAL_PERSON", area="370305")
    assert result.rows == [[(key("case of a secret filing"),)]]
    assert result.figures == [{Figure.TOTAL: {None: 1}}]


PLAIN = Column("", "subject_id")
REFUSED = [
    # what is asked, why it is refused
    ("a name that is no column", all_of(Entity.SUBJECT, Column("", "surname")), UnknownColumn),
    ("a sealed item as plain text", all_of(Entity.SUBJECT, Column("", "name")), UnknownColumn),
    ("a ciphertext by its storage name", all_of(Entity.SUBJECT, Column("", "name_sealed")), UnknownColumn),
    ("a mask by its storage name", all_of(Entity.SUBJECT, Column("", "name_mask")), UnknownColumn),
    ("a plain column as a box", all_of(Entity.SUBJECT, Column("", "kind", "sealed")), UnknownColumn),
    ("a plain column as a mask", all_of(Entity.SUBJECT, Column("", "kind", "mask")), UnknownColumn),
    ("the ledger's salt", all_of(Entity.ACCESS_ENTRY, Column("", "salt")), UnknownColumn),
    ("a blind-index term", all_of(Entity.SUBJECT, Column("", "identifier_term")), UnknownColumn),
    ("a wrapped key", all_of(Entity.SUBJECT, Column("", "wrapped")), UnknownColumn),
    ("the kind of what has none", all_of(Entity.AREA, Column("", "code", kinds=("LEGAL_PERSON",))), UnknownColumn),
    ("an unknown scope", all_of(Entity.SUBJECT, Column("", "scope:everything")), UnknownColumn),
    (
        "a scope of a joined row",
        all_of(Entity.RESTRAINT_CASE, Column("s", "scope:own"), joins=(Join("s", "", "subject"),)),
        UnknownColumn,
    ),
    ("a number of what has none", all_of(Entity.RESTRAINT_CASE, Column("", "number", "sealed")), UnknownColumn),
    ("an alias that nothing joins", all_of(Entity.SUBJECT, Column("area", "code")), UnknownRelation),
    ("a step that is not there", all_of(Entity.SUBJECT, PLAIN, joins=(Join("d", "", "department"),)), UnknownRelation),
    (
        "a to-many step as to-one",
        all_of(Entity.SUBJECT, PLAIN, joins=(Join("a", "", "applications"),)),
        UnknownRelation,
    ),
    (
        "steps in a circle",
        all_of(Entity.SUBJECT, PLAIN, joins=(Join("a", "b", "area"), Join("b", "a", "area"))),
        UnknownRelation,
    ),
    (
        "a filter by a sealed item",
        all_of(Entity.SUBJECT, PLAIN, filters=(Filter("", "name", "prefix", "b"),)),
        UnknownColumn,
    ),
    (
        "a filter by a stored mask",
        all_of(Entity.SUBJECT, PLAIN, filters=(Filter("", "name_mask", "=", "b"),)),
        UnknownColumn,
    ),
    (
        "a part of a blind-index term",
        all_of(Entity.SUBJECT, PLAIN, filters=(Filter("", "identifier_term", "prefix", "b"),)),
        UnknownColumn,
    ),
    (
        "a filter of an unknown alias",
        all_of(Entity.SUBJECT, PLAIN, filters=(Filter("x", "kind", "=", "b"),)),
        UnknownRelation,
    ),
    ("an order by a sealed item", all_of(Entity.SUBJECT, PLAIN, order=(Order("name"),)), UnknownColumn),
    ("an order by a stored mask", all_of(Entity.SUBJECT, PLAIN, order=(Order("name_mask"),)), UnknownColumn),
    (
        "a page in no total order",
        all_of(Entity.SUBJECT, PLAIN, order=(Order("registered_at"),), limit=5),
        NotATotalOrder,
    ),
    ("a cursor without an order", all_of(Entity.SUBJECT, PLAIN, limit=5, after="after"), NotATotalOrder),
    ("personal rows that nothing narrows", SelectPlan(Entity.SUBJECT, (PLAIN,)), Unscoped),
    ("access entries that nothing narrows", SelectPlan(Entity.ACCESS_ENTRY, (PLAIN,)), Unscoped),
]


@pytest.mark.parametrize(("why", "statement", "refusal"), REFUSED)
def test_a_plan_is_refused_before_anything_is_read(query_runner, why, statement, refusal):
    with pytest.raises(refusal):
        query_runner.prepare(QueryPlan((statement,)))


async def test_a_reference_table_needs_no_scope(query_runner):
    assert set(await found(query_runner, SelectPlan(Entity.SECTOR, (Column("", "code"),)))) == {"S1", "S2"}


WRONG = [
    ("a bind that is missing", {}),
    ("text for an id", {"who": str(UUID(int=1))}),
    ("a number for an id", {"who": 7}),
    ("a list for one value", {"who": [UUID(int=1)]}),
]


@pytest.mark.parametrize(("why", "binds"), WRONG)
async def test_a_wrong_bind_is_refused_without_telling_its_value(query_runner, why, binds):
    """A driver's own error would quote the value, perhaps an identity number, into the log."""
    with pytest.raises(WrongBind) as refused:
        await read(query_runner, one_of(Entity.SUBJECT, "one", PLAIN), **binds)
    assert not any(str(value) in f"{refused.value!r}" for value in binds.values())


@pytest.mark.parametrize("text", ["3703\0", "\ud800"])
async def test_text_that_no_database_can_hold_is_refused(query_runner, text):
    with pytest.raises(WrongBind):
        await read(
            query_runner, all_of(Entity.SUBJECT, PLAIN, filters=(Filter("", "area_code", "=", "area"),)), area=text
        )


@pytest.mark.parametrize(
    ("name", "value"), [("today", datetime(2026, 3, 2, tzinfo=UTC)), ("today", "2026-03-02"), ("actor_subject", "one")]
)
async def test_a_wrong_fact_about_the_actor_is_refused(query_runner, name, value):
    statement = SelectPlan(Entity.RESTRAINT_CASE, (PLAIN,), scopes=(Scope.RESTRAINED, Scope.OWN))
    with pytest.raises(WrongBind):
        await read(query_runner, statement, **{name: value})


SEVERAL = [
    ("bytes of another length", "identifier_term", [b"\x01"]),
    ("more terms than there are versions", "identifier_term", [bytes(33)] * 9),
    ("text among ids", "subject_id", [UUID(int=1), "one"]),
    ("one value for several", "subject_id", UUID(int=1)),
    ("text for several", "kind", "LEGAL_PERSON"),
]


@pytest.mark.parametrize(("why", "name", "values"), SEVERAL)
async def test_several_values_of_which_one_is_wrong_are_refused(query_runner, why, name, values):
    with pytest.raises(WrongBind):
        await read(
            query_runner, all_of(Entity.SUBJECT, PLAIN, filters=(Filter("", name, "in", "values"),)), values=values
        )


async def test_what_was_not_prepared_here_is_not_read(query_runner):
    with pytest.raises(InvalidPlan):
        await query_runner.read(object(), rows.ACTOR)


async def test_a_plan_runs_as_many_statements_as_it_has(query_runner, shared_database):
    """A small fixed number, whatever the number of rows: on PostgreSQL one for a list with its children and total."""
    before = query_runner.statements_run
    subjects = all_of(Entity.SUBJECT, PLAIN, figures=(Figure.TOTAL,))
    cases = SelectPlan(Entity.RESTRAINT_CASE, (Column("", "case_id"),), parent=(0, 0, "restraint_cases"))
    await read(query_runner, subjects, cases)
    assert query_runner.statements_run - before == (3 if shared_database.dialect.name == "sqlite" else 1)
    before = query_runner.statements_run
    await read(query_runner, all_of(Entity.SUBJECT, PLAIN, joins=(Join("area", "", "area"),), limit=1))
    assert query_runner.statements_run - before == 1


def test_what_is_withheld_is_not_in_the_statement(query_runner):
    """A statement names the columns that it shows, and no other."""
    statement = all_of(Entity.SUBJECT, Column("", "kind"), Column("", "phone", "mask"))
    text = query_runner.prepare(QueryPlan((statement,))).steps[0].rows.text
    assert "phone_mask" in text
    assert not any(other in text for other in ("sealed", "wrapped", "name_mask", "identifiers", "capacities"))
    sealed = replace(statement, columns=(Column("", "name", "sealed"),), consent=Purpose.CREDIT_CHECK)
    text = query_runner.prepare(QueryPlan((sealed,))).steps[0].rows.text
    assert "name_sealed" in text
    assert not any(other in text for other in ("phone", "address", "name_mask", "number"))


def test_a_limit_and_a_purpose_are_literal(query_runner):
    statement = all_of(Entity.SUBJECT, PLAIN, order=(Order("subject_id"),), limit=21, consent=Purpose.CREDIT_CHECK)
    text = query_runner.prepare(QueryPlan((statement,))).steps[0].rows.text
    assert "LIMIT 21" in text
    assert "'CREDIT_CHECK'" in text
    assert TODAY.isoformat() not in text
