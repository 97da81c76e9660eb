"""Decision 23 says which rows each purpose shows: its tables are held against the policy and the tests of rows."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pytest

from consent.vocabulary import WITHOUT_PURPOSE, Basis, DataClass, Purpose
from gateway.settings.settings import POLICY_OF_THIS_RELEASE
from policy.actors import Actor, Role
from policy.decisions import Decisions, Grant, load
from queryplan.entities import Entity
from queryplan.scopes import Scope
from schema.core.fields import refusal_fields
from tests.builders import ACTORS
from tests.schema.test_which_rows import LISTS
from tests.shipped_schema import shipped_types
from tests.storage.queries.scopes.scope_table import TABLE
from tests.storage.queries.scopes.test_open_scopes import WHO

PAGE: Final = Path(__file__).parents[2] / "docs" / "decisions" / "0023-which-rows.md"
EVERYBODY: Final = "everybody"
Rows = Mapping[tuple[str, str], set[str]]
"""Scopes, by purpose and role."""


def tables() -> list[Rows]:
    """Give the tables of the page; an empty cell repeats the one above it."""
    found: list[dict[tuple[str, str], set[str]]] = []
    purpose, roles, is_read = "", [""], False
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if not line.startswith("| "):
            continue
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if cells[0] in {"purpose", "record"}:  # the table of records is in words
            is_read = cells[0] == "purpose"
            found += [{}] if is_read else []
            continue
        if not is_read:
            continue
        purpose = cells[0].partition(" ")[0] or purpose
        roles = cells[1].split(", ") if cells[1] else roles
        for role in roles:
            found[-1].setdefault((purpose, role), set()).update(re.findall(r"`([\w-]+)`", cells[2]))
    return found  # type: ignore[return-value]  # a dict is a mapping


WRITTEN, WRITTEN_OF_FILES = tables()


@pytest.fixture(scope="module")
def table() -> Decisions:
    return load(POLICY_OF_THIS_RELEASE, refusal_fields(shipped_types()))


def grants(table: Decisions, role: Role, purpose: Purpose, data_class: DataClass) -> tuple[Grant, ...]:
    found = table.read(role, purpose, data_class)
    return found if isinstance(found, tuple) else ()


def granted(table: Decisions, classes: set[DataClass]) -> Rows:
    found: dict[tuple[str, str], set[str]] = {}
    for role in Role:
        for purpose in Purpose:
            scopes = {grant.scope.value for one in classes for grant in grants(table, role, purpose, one)}
            if scopes:
                who = EVERYBODY if purpose is Purpose.PUBLICITY else role.value
                found.setdefault((purpose.value, who), set()).update(scopes)
    return found


def test_the_tables_say_what_the_policy_grants(table: Decisions) -> None:
    files = {DataClass.EVIDENCE_FILE}
    assert granted(table, set(DataClass) - files - WITHOUT_PURPOSE) == WRITTEN
    assert granted(table, files) == WRITTEN_OF_FILES


def role_of(who: str | Actor) -> str:
    if isinstance(who, Actor):
        return who.role.value
    return ACTORS[who].role.value if who in ACTORS else Role.SUBJECT.value


def test_the_test_of_lists_has_each_purpose_and_role_that_lists_cases(table: Decisions) -> None:
    """A list on consent does not exist: the credit check has tests of its own there."""
    tried = {(purpose, EVERYBODY if purpose == "PUBLICITY" else role_of(who)) for who, purpose, _ in LISTS}
    listing = {
        (purpose.value, EVERYBODY if purpose is Purpose.PUBLICITY else role.value)
        for role in Role
        for purpose in Purpose
        for grant in grants(table, role, purpose, DataClass.RESTRAINT_PARTICULARS)
        if grant.basis is not Basis.CONSENT
    }
    assert tried == listing
    assert tried <= set(WRITTEN)


def test_each_scope_has_a_row_in_the_test_of_its_predicate() -> None:
    tried = {scope.value for scope, *_ in TABLE} | {scope.value for scope in WHO}
    assert {scope for scopes in WRITTEN.values() for scope in scopes} <= tried
    of_files = {scope.value for scope, entity, *_ in TABLE if entity is Entity.EVIDENCE_FILE}
    assert {scope for scopes in WRITTEN_OF_FILES.values() for scope in scopes} <= of_files
    assert {scope.value for scope in Scope} == {scope for scopes in WRITTEN.values() for scope in scopes}
