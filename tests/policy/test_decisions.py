"""Casbin decides at run time, once for each answer. Where the readings differ, there is a refusal and an alarm."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import casbin
import pytest

from consent.vocabulary import Basis, DataClass, Form, Purpose
from policy.actions import Action
from policy.actors import Role
from policy.decisions import WIDTH, Decisions, Grant, Withheld, WithheldReason, load, raise_disagreement
from policy.enforcer import Enforcer
from policy.errors import PolicyRefused, ReadingsDisagree
from policy.expand_rules import ActionCell, ExpandedRules, WhoCell, expand
from policy.loader import read_rules
from policy.rules import MODEL
from queryplan.scopes import Scope
from tests.policy.conftest import POLICY

CLERK = Role.CLERK, Purpose.CREDIT_CHECK, DataClass.PERSON_NAME
"""A clerk reads the name clear in scope all."""
SHOWN = (Grant(Scope.ALL, Form.CLEAR, Basis.CONSENT, "4.2 5.2.1"),)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[object, ...]]:
    """Give the questions that Casbin is asked from now on."""
    questions: list[tuple[object, ...]] = []
    enforce = casbin.Enforcer.enforce

    def counted(self: object, *question: object) -> bool:
        questions.append(question)
        return bool(enforce(self, *question))

    monkeypatch.setattr(casbin.Enforcer, "enforce", counted)
    return questions


@pytest.fixture
def decisions() -> Decisions:
    return load(POLICY)


def test_casbin_is_asked_for_each_answer_once(decisions: Decisions, asked: list[tuple[object, ...]]):
    shown = decisions.read(*CLERK)
    assert {question for question in asked if len(question) == 5 and isinstance(question[0], Role)} == {
        (*CLERK, Action.MASK, Scope.ALL),
        (*CLERK, Action.READ, Scope.ALL),
    }
    asked.clear()
    assert decisions.read(*CLERK) == shown
    assert decisions.act(*CLERK, Action.READ) == (Scope.ALL,)
    assert asked == []


def test_what_casbin_refuses_is_refused(monkeypatch: pytest.MonkeyPatch):
    alarms: list[WhoCell] = []
    decisions = load(POLICY, alarm=alarms.append)
    monkeypatch.setattr(casbin.Enforcer, "enforce", lambda *_: False)
    assert decisions.read(*CLERK) == Withheld(
        WithheldReason.ROLE, "purpose:CREDIT_CHECK,APPLICATION_HANDLING,PUBLICITY"
    )
    assert alarms == [(*CLERK, Action.MASK, Scope.ALL), (*CLERK, Action.READ, Scope.ALL)]


class Forgery(NamedTuple):
    """What one of the two readings says of a cell that the other does not."""

    cell: ActionCell
    scopes: frozenset[Scope]


def forged(forgery: Forgery, alarm: Callable[[WhoCell], None]) -> Decisions:
    """Give the policy in force with a second reading that is forged."""
    rules = read_rules(POLICY)
    expanded = expand(rules)
    return Decisions(
        rules, replace(expanded, scopes={**expanded.scopes, forgery.cell: forgery.scopes}), Enforcer(rules), alarm
    )


NOTHING: frozenset[Scope] = frozenset()
FORGERIES = [
    ("only Casbin allows to read", Forgery((*CLERK, Action.READ), NOTHING), Scope.ALL, "MASKED"),
    ("only Casbin allows the mask", Forgery((*CLERK, Action.MASK), NOTHING), Scope.ALL, "withheld"),
    ("only the expansion allows a scope", Forgery((*CLERK, Action.READ), frozenset(Scope)), Scope.OWN, "CLEAR"),
]


@pytest.mark.parametrize(("forgery", "scope", "left"), [pytest.param(*row[1:], id=row[0]) for row in FORGERIES])
def test_where_the_readings_differ_the_answer_is_a_refusal_and_an_alarm(forgery: Forgery, scope: Scope, left: str):
    alarms: list[WhoCell] = []
    found = forged(forgery, alarms.append).read(*CLERK)
    shown = {grant.scope: grant.form for grant in found} if isinstance(found, tuple) else {}
    assert shown == ({} if left == "withheld" else {Scope.ALL: Form(left)})
    assert (*forgery.cell, scope) in alarms
    assert {alarm[:4] for alarm in alarms} == {forgery.cell}


def test_the_alarm_is_raised_once(decisions: Decisions):
    alarms: list[WhoCell] = []
    differing = forged(FORGERIES[1][1], alarms.append)
    for _ in range(3):
        assert isinstance(differing.read(*CLERK), Withheld)
    assert alarms == [(*CLERK, Action.MASK, Scope.ALL)]


def test_without_an_alarm_it_is_an_error():
    with pytest.raises(ReadingsDisagree, match="clerk,CREDIT_CHECK,PERSON_NAME,mask,all"):
        forged(FORGERIES[1][1], raise_disagreement).read(*CLERK)


async def test_others_run_between_any_two_questions(decisions: Decisions, asked: list[tuple[object, ...]]):
    turns: list[int] = []

    async def others() -> None:
        while True:
            turns.append(len(asked))
            await asyncio.sleep(0)

    running = asyncio.create_task(others())
    await asyncio.sleep(0)
    await decisions.prepare(Role.SUBJECT, Purpose.SELF_ACCESS)
    running.cancel()
    assert turns[-1] > 100
    # The need and the right are one slice, so two questions at most.
    assert max(later - earlier for earlier, later in pairwise(turns)) <= 2


async def test_a_prepared_pair_is_not_asked_about_again(decisions: Decisions, asked: list[tuple[object, ...]]):
    await decisions.prepare(*CLERK[:2])
    assert decisions.prepared == {CLERK[:2]}
    asked.clear()
    await decisions.prepare(*CLERK[:2])
    for data_class in DataClass:
        decisions.read(*CLERK[:2], data_class)
        for action in Action:
            decisions.act(*CLERK[:2], data_class, action)
    assert asked == []


async def test_two_who_prepare_the_same_pair_share_the_questions(decisions: Decisions, asked: list[tuple[object, ...]]):
    other = load(POLICY)
    asked.clear()
    await other.prepare(*CLERK[:2])
    alone = len(asked)
    asked.clear()
    await asyncio.gather(*(decisions.prepare(*CLERK[:2]) for _ in range(10)))
    assert len(asked) == alone


async def test_who_gives_up_leaves_the_rest_to_the_next(decisions: Decisions, asked: list[tuple[object, ...]]):
    first, second = (asyncio.create_task(decisions.prepare(*CLERK[:2])) for _ in range(2))
    for _ in range(10):
        await asyncio.sleep(0)
    assert asked
    first.cancel()
    await second
    assert first.cancelled()
    assert decisions.prepared == {CLERK[:2]}


@pytest.mark.slow
async def test_every_pair_that_the_tables_admit_is_prepared(decisions: Decisions):
    await decisions.prepare_admitted()
    assert decisions.prepared == {(role, purpose) for role in Role for purpose in decisions.purposes_of(role)}


async def test_without_a_purpose_there_is_nothing_to_prepare(decisions: Decisions, asked: list[tuple[object, ...]]):
    await decisions.prepare(Role.CLERK, None)
    assert (asked, decisions.prepared) == ([], frozenset())


def test_the_second_reading_answers_in_the_form_of_casbin():
    rules = read_rules(POLICY)
    expanded: ExpandedRules = expand(rules)
    answers: Iterator[Scope | None] = expanded.ask(*CLERK, Action.READ)
    assert set(answers) == set(Enforcer(rules).ask(*CLERK, Action.READ)) == {Scope.ALL}


BAD_MODELS = [
    ("it is empty", lambda _: "", "does not take this model"),
    ("a matcher is no expression", lambda text: text.replace("m = g4(", "m = g4(("), "does not take this model"),
    ("a function is unknown", lambda text: text.replace("m2 = g4(", "m2 = g9("), "does not take this model"),
    ("an effect is unknown", lambda text: text.replace("some(where", "any(where"), "does not take this model"),
    ("it is not UTF-8", lambda text: text + "# \udcff\n", "not UTF-8"),
]


@pytest.mark.parametrize(("edit", "why"), [pytest.param(*row[1:], id=row[0]) for row in BAD_MODELS])
def test_a_model_that_casbin_does_not_take_stops_the_start(
    folder: Callable[..., Path], edit: Callable[[str], str], why: str
):
    changed = folder()
    text = edit((POLICY / MODEL).read_text("utf-8"))
    (changed / MODEL).write_text(text, "utf-8", errors="surrogateescape")
    with pytest.raises(PolicyRefused, match=why) as refused:
        load(changed)
    assert refused.value.file == MODEL


def test_every_scope_is_asked_for():
    """A scope that the decisions do not know would never be granted, whatever who.csv says."""
    assert set(WIDTH) == set(Scope)
