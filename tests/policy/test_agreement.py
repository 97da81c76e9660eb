"""Casbin, the expanded rules and a plain reading of the files agree, on every (role, purpose, class, action, scope)."""

import csv
from collections.abc import Callable, Iterable
from functools import cache
from itertools import product
from pathlib import Path

import casbin
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from consent.vocabulary import WITHOUT_PURPOSE, DataClass, Form, Purpose
from policy.actions import NEEDS, Action
from policy.actors import Role
from policy.decisions import Decisions, load, load_second_reading
from policy.diff import CellChange, Direction, diff
from policy.enforcer import NEED_CONTEXT, ROLE_DEFINITIONS, Enforcer
from policy.errors import PolicyRefused
from policy.expand_rules import expand
from policy.loader import read_rules
from policy.rules import CLASSES, FILES, NEED, WHO
from queryplan.scopes import Scope
from tests.hypothesis_profiles import examples
from tests.policy.conftest import FEW_CLASSES, POLICY

Question = tuple[Role, Purpose | None, DataClass, Action, Scope]
PERSONAL = [data_class for data_class in DataClass if data_class not in WITHOUT_PURPOSE]
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


def by_table(table: Decisions, question: Question) -> bool:
    role, purpose, data_class, action, scope = question
    found = table.act(role, purpose, data_class, action)
    return isinstance(found, tuple) and scope in found


def test_the_expanded_rules_agree_with_casbin():
    rules = read_rules(POLICY)
    enforcer, expanded = Enforcer(rules), expand(rules)
    for cell in product(Role, Purpose, PERSONAL, Action):
        assert set(enforcer.ask(*cell)) - {None} == expanded.scopes.get(cell, frozenset()), cell


@pytest.mark.slow
def test_the_product_decides_what_the_files_say(table: Decisions):
    plain = PlainReading(POLICY)
    for cell in product(Role, (None, *Purpose), DataClass, Action):
        found = table.act(*cell)
        scopes = set(found) if isinstance(found, tuple) else set()
        assert scopes == {scope for scope in Scope if plain.allows(*cell, scope)}, cell


def test_forms_and_scopes_of_reading_follow_from_the_actions(table: Decisions):
    """`read` and `act` are two views of the same answers: a grant is clear where `read` is admitted, else masked."""
    for role, purpose, data_class in product(Role, (None, *Purpose), DataClass):
        found = table.read(role, purpose, data_class)
        forms = {grant.scope: grant.form for grant in found} if isinstance(found, tuple) else {}
        for scope in Scope:
            clear = by_table(table, (role, purpose, data_class, Action.READ, scope))
            masked = by_table(table, (role, purpose, data_class, Action.MASK, scope))
            assert forms.get(scope) == (Form.CLEAR if clear else Form.MASKED if masked else None)


class AllRowsTogether:
    """Casbin as its manual has it: one enforcer with every row. Slow, and nothing of ours between it and the files."""

    def __init__(self, folder: Path):
        plain = PlainReading(folder)
        self.enforcer = casbin.Enforcer(str(folder / "model.conf"))
        for kind, member, group in plain.rows(folder / "groups.csv"):
            assert self.enforcer.add_named_grouping_policy(ROLE_DEFINITIONS[kind], member, group)
        for row in plain.who:
            assert self.enforcer.add_named_policy("p", *row)
        for purpose, role, data_class, form, _, _, effect in plain.need:
            assert self.enforcer.add_named_policy("p2", role, purpose, data_class, form, effect)

    def allows(self, role: Role, purpose: Purpose, data_class: DataClass, action: Action, scope: Scope) -> bool:
        needed = self.enforcer.enforce(NEED_CONTEXT, role, purpose, data_class, NEEDS[action])
        return needed and self.enforcer.enforce(role, purpose, data_class, action, scope)


@given(cell=st.tuples(*map(st.sampled_from, (list(Role), list(Purpose), PERSONAL, list(Action), list(Scope)))))
@settings(max_examples=examples(200), deadline=None)
def test_casbin_answers_the_same_with_all_rows_together(cell):
    """The enforcer divides the rows to be quick; that changes no answer."""
    assert (cell[4] in divided().ask(*cell[:4])) == together().allows(*cell)


@given(cell=st.deferred(lambda: st.sampled_from(sorted(expand(read_rules(POLICY)).who))))
@settings(max_examples=examples(100), deadline=None)
def test_what_is_allowed_is_allowed_with_all_rows_together(cell):
    assert cell[4] in divided().ask(*cell[:4])
    assert together().allows(*cell)


@cache
def divided() -> Enforcer:
    """Give the product's enforcer."""
    return Enforcer(read_rules(POLICY))


@cache
def together() -> AllRowsTogether:
    """Give the enforcer of the manual."""
    return AllRowsTogether(POLICY)


@pytest.fixture
def with_row(tmp_path: Path) -> Callable[[str, str], Path]:
    """Give the policy with one row more in one file, in the same folder each time."""

    def build(changed: str, row: str) -> Path:
        for file in FILES:
            text = FEW_CLASSES if file == CLASSES else (POLICY / file).read_text("utf-8")
            (tmp_path / file).write_text(text + (f"{row}\n" if file == changed else ""), "utf-8")
        return tmp_path

    return build


def assert_agreed(folder: Path, questions: Iterable[Question]):
    by_casbin, second, plain = load(folder), load_second_reading(folder), PlainReading(folder)
    for question in questions:
        assert by_table(by_casbin, question) == plain.allows(*question) == by_table(second, question)


# One row more, and what it leaves to a handler of applications of the name; a clerk is shown it clear in every case.
ROWS = [
    ("a deny of the clear form leaves the mask", WHO, "handler,APPLICATION_HANDLING,name,read,all,deny", "MASKED"),
    ("a deny of the mask leaves nothing", WHO, "handler,APPLICATION_HANDLING,name,mask,all,deny", "role"),
    ("a deny of writing leaves reading", WHO, "handler,APPLICATION_HANDLING,name,write,all,deny", "CLEAR"),
    ("a deny of a group is one of each member", WHO, "handler,any-purpose,name,mask,all,deny", None),
    ("no need of the clear form leaves the mask", NEED, "APPLICATION_HANDLING,handler,name,CLEAR,,4.2,deny", "MASKED"),
    ("no need of the mask leaves nothing", NEED, "APPLICATION_HANDLING,handler,name,MASKED,,4.2,deny", "necessity"),
    ("no need for other roles leaves this one's", NEED, "APPLICATION_HANDLING,subject,name,MASKED,,4.2,deny", "CLEAR"),
]


@pytest.mark.slow
@pytest.mark.parametrize(("file", "row", "left"), [pytest.param(*row[1:], id=row[0]) for row in ROWS])
def test_what_a_deny_leaves(with_row, file: str, row: str, left: str | None):
    folder = with_row(file, row)
    if left is None:
        with pytest.raises(PolicyRefused, match="never takes effect"):
            load(folder)
        return
    table = load(folder)
    for role, shown in ((Role.HANDLER, left), (Role.CLERK, "CLEAR")):
        found = table.read(role, Purpose.APPLICATION_HANDLING, DataClass.PERSON_NAME)
        assert (found[0].form if isinstance(found, tuple) else found.reason) == shown
    about = [q for q in EVERYTHING if q[1] is Purpose.APPLICATION_HANDLING and q[0] in (Role.HANDLER, Role.CLERK)]
    assert_agreed(folder, [question for question in about if question[2] in (DataClass.PERSON_NAME, DataClass.PHONE)])


def test_to_write_needs_no_more_than_the_mask(with_row):
    """What a purpose needs in some form may be written for it; what it does not need may not."""
    folder = with_row(WHO, "regulator,FOCUSED_CHECK,PERSON_ADDRESS,write,sector-area,allow")
    assert load(folder).act(Role.REGULATOR, Purpose.FOCUSED_CHECK, DataClass.PERSON_ADDRESS, Action.WRITE) == (
        Scope.SECTOR_AREA,
    )
    about = (Role.REGULATOR, Purpose.FOCUSED_CHECK, DataClass.PERSON_ADDRESS)
    assert_agreed(folder, [(*about, action, scope) for action in Action for scope in Scope])
    with pytest.raises(PolicyRefused, match="never takes effect"):
        load(with_row(WHO, "regulator,FOCUSED_CHECK,PHONE,write,sector-area,allow"))


WORDS = {
    "role": [*Role, "everyone", "case-officers", "application-officers", "consulting"],
    "purpose": [*Purpose, "any-purpose"],
    "class": [data_class for data_class in DataClass if data_class not in ("REFERENCE", "SESSION")]
    + ["name", "address", "number", "restraint", "personal"],
}


@pytest.mark.slow
@given(
    role=st.sampled_from(WORDS["role"]),
    purpose=st.sampled_from(WORDS["purpose"]),
    data_class=st.sampled_from(WORDS["class"]),
    what=st.sampled_from([*Action, *Form]),
    questions=st.lists(st.sampled_from(EVERYTHING), min_size=20, max_size=20),
)
@settings(max_examples=examples(30, few=3), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_deny_in_either_wins(table: Decisions, with_row, role, purpose, data_class, what, questions):
    """One deny more never lets anybody see or do more, and the three readings still agree; or it is refused as idle."""
    in_who, in_need = (
        f"{role},{purpose},{data_class},{what},all,deny",
        f"{purpose},{role},{data_class},{what},,5.1.6,deny",
    )
    folder = with_row(WHO, in_who) if isinstance(what, Action) else with_row(NEED, in_need)
    try:
        narrowed = load_second_reading(folder)
    except PolicyRefused:
        return
    cells = [change for change in diff(table, narrowed) if isinstance(change, CellChange)]
    assert {change.direction for change in cells} <= {Direction.NARROWER}
    touched = [(c.role, c.purpose, c.data_class, c.action, scope) for c in cells[:5] for scope in Scope]
    assert_agreed(folder, (*questions, *touched))
