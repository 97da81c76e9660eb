"""Table, Casbin and a plain reading of the files answer alike, for every (role, purpose, class, action, scope)."""

import csv
from collections.abc import Callable
from functools import cache
from itertools import product
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from consent.purposes import DataClass, Form, Purpose
from consent.reading import Scope
from policy.actions import Action
from policy.actors import Role
from policy.casbin_reference import CasbinReference, disagreements
from policy.diff import Direction, diff
from policy.errors import PolicyRefused
from policy.rows import CLASSES, FILES, WHO
from policy.table import Table, load
from tests.policy.conftest import FEW_CLASSES, POLICY

Question = tuple[Role, Purpose | None, DataClass, Action, Scope]
EVERYTHING: list[Question] = list(product(Role, (None, *Purpose), DataClass, Action, Scope))


class PlainReading:
    """The two files, read by whoever knows nothing of our code but the words; slow, short and meant to be believed."""

    def __init__(self, folder: Path):
        self.members: dict[str, set[str]] = {}
        for _, member, group in self.rows(folder / "groups.csv"):
            self.members.setdefault(group, set()).add(member)
        self.who = self.rows(folder / "who.csv")
        self.need = self.rows(folder / "need.csv")

    def rows(self, path: Path) -> list[list[str]]:
        lines = [line for line in path.read_text("utf-8-sig").splitlines() if line.strip() and not line.startswith("#")]
        return list(csv.reader(lines))[1:]

    def means(self, word: str, asked: str) -> bool:
        return word == asked or asked in self.members.get(word, set())

    @cache  # noqa: B019 - lives as long as the test
    def about(self, role: str, purpose: str, data_class: str) -> tuple[list[list[str]], list[list[str]]]:
        """Return the rows of both files that speak of these three words."""
        means = self.means
        who = [r for r in self.who if means(r[0], role) and means(r[1], purpose) and means(r[2], data_class)]
        need = [r for r in self.need if means(r[1], role) and means(r[0], purpose) and means(r[2], data_class)]
        return who, need

    def allows(self, role: str, purpose: str | None, data_class: str, action: str, scope: str) -> bool:
        if data_class in ("REFERENCE", "SESSION"):
            return action in ("mask", "read") and scope == "all"
        if purpose is None:
            return False
        who, need = self.about(role, purpose, data_class)
        may = may_not = needed = not_needed = False
        for *_, row_action, row_scope, effect in who:
            if effect == "allow" and row_scope == scope:
                may |= row_action == action or (row_action == "read" and action == "mask")
            if effect == "deny":
                may_not |= row_action == action or (row_action == "mask" and action == "read")
        form = "CLEAR" if action == "read" else "MASKED"
        for _, _, _, row_form, _, _, effect in need:
            if effect == "allow":
                needed |= row_form in (form, "CLEAR")
            if effect == "deny":
                not_needed |= row_form in (form, "MASKED")
        return may and not may_not and needed and not not_needed


def by_table(table: Table, question: Question) -> bool:
    role, purpose, data_class, action, scope = question
    found = table.act(role, purpose, data_class, action)
    return isinstance(found, tuple) and scope in found


def test_the_table_says_what_casbin_says(table: Table):
    assert list(disagreements(table, CasbinReference(POLICY))) == []


def test_the_table_says_what_the_files_say(table: Table):
    plain = PlainReading(POLICY)
    assert [question for question in EVERYTHING if by_table(table, question) != plain.allows(*question)] == []


def test_forms_and_scopes_of_reading_follow_from_the_actions(table: Table):
    """`read` and `act` are two views of one table: a grant is clear where `read` is admitted, else masked."""
    for role, purpose, data_class in product(Role, (None, *Purpose), DataClass):
        found = table.read(role, purpose, data_class)
        forms = {grant.scope: grant.form for grant in found} if isinstance(found, tuple) else {}
        for scope in Scope:
            clear = by_table(table, (role, purpose, data_class, Action.READ, scope))
            masked = by_table(table, (role, purpose, data_class, Action.MASK, scope))
            assert forms.get(scope) == (Form.CLEAR if clear else Form.MASKED if masked else None)


@given(question=st.sampled_from(EVERYTHING))
@settings(max_examples=200, deadline=None)
def test_casbin_answers_the_same_with_all_rows_together(question: Question):
    """The reference splits the rows to be quick; that changes no answer."""
    assert SPLIT.allows(*question) == TOGETHER.allows(*question)


SPLIT, TOGETHER = CasbinReference(POLICY), CasbinReference(POLICY, together=True)


@pytest.fixture
def with_denial(tmp_path: Path) -> Callable[[str], Path]:
    """Give the policy with one row more in who.csv, in the same folder each time."""

    def build(row: str) -> Path:
        for file in FILES:
            text = FEW_CLASSES if file == CLASSES else (POLICY / file).read_text("utf-8")
            (tmp_path / file).write_text(text + (f"{row}\n" if file == WHO else ""), "utf-8")
        return tmp_path

    return build


WORDS = {
    "role": [*Role, "everyone", "case-officers", "application-officers", "consulting"],
    "purpose": [*Purpose, "any-purpose"],
    "class": [data_class for data_class in DataClass if data_class not in ("REFERENCE", "SESSION")]
    + ["name", "address", "number", "restraint", "personal"],
}


@given(
    role=st.sampled_from(WORDS["role"]),
    purpose=st.sampled_from(WORDS["purpose"]),
    data_class=st.sampled_from(WORDS["class"]),
    action=st.sampled_from(list(Action)),
    questions=st.lists(st.sampled_from(EVERYTHING), min_size=20, max_size=20),
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_deny_in_either_wins(table: Table, with_denial, role, purpose, data_class, action, questions):
    """One deny more never lets anybody see or do more, and the three readings still agree."""
    folder = with_denial(f"{role},{purpose},{data_class},{action},all,deny")
    try:
        narrowed = load(folder)
    except PolicyRefused:
        assume(False)
    cells = [change for change in diff(table, narrowed) if hasattr(change, "role")]
    assert {change.direction for change in cells} <= {Direction.NARROWER}
    casbin, plain = CasbinReference(folder), PlainReading(folder)
    touched = [(c.role, c.purpose, c.data_class, c.action, scope) for c in cells[:5] for scope in Scope]
    for question in (*questions, *touched):
        assert by_table(narrowed, question) == plain.allows(*question) == casbin.allows(*question)
