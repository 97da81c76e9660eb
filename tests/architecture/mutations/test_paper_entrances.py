"""Every act of the subject, and how it is done on paper: a citizen needs no telephone [5.1.6].

A new mutation of the subject needs its row here: its paper entrance, or why there is none, with the clause.
"""

from dataclasses import dataclass

import pytest

from consent.vocabulary import Purpose
from gateway.settings.settings import POLICY_OF_THIS_RELEASE
from policy.actions import Action
from policy.actors import Role
from policy.decisions import Withheld, load
from schema.core.fields import ACTION, refusal_fields
from tests.architecture.sources.call_graph import reached, resolver_of
from tests.shipped_schema import shipped_types

SCHEMA = shipped_types()
assert SCHEMA.mutation_type is not None
MUTATIONS = SCHEMA.mutation_type.fields


@dataclass(frozen=True)
class Entrance:
    """The mutation by which an officer enters the paper; *same*: that of the subject itself, in the officer's role."""

    mutation: str
    who: str
    same: bool = False


@dataclass(frozen=True)
class Nothing:
    """Why no paper is entered, with the clause."""

    because: str


ON_PAPER = {
    # Cases.
    "stateDefence": Entrance("enterStatement", "the handler of the case [5.1.4(3)]"),
    "claimRectification": Entrance("enterRectificationClaim", "the handler of the case [5.1.5]"),
    "raiseObjection": Entrance("enterObjection", "the handler, the department that keeps the record [5.1.4(6)]"),
    "issueNotice": Entrance("issueNotice", "the handler issues the same document and hands it over [A]", same=True),
    # Applications and promises.
    "withdrawApplication": Entrance("enterApplicationWithdrawal", "an officer of the department [4.2]"),
    "withdrawDeferral": Entrance("enterDeferralWithdrawal", "an officer of the department [4.2.2]"),
    "withdrawCommitment": Entrance("enterCommitmentWithdrawal", "an officer of the department [4.2.3]"),
    "contestWithdrawal": Entrance("enterWithdrawalContest", "an officer, not who entered the withdrawal [4.2]"),
    # Authorisations.
    "grantAuthorisation": Entrance("recordPaperAuthorisation", "a clerk of the recipient, a department [5.1.6]"),
    "offerAuthorisation": Entrance("recordPaperAuthorisation", "a clerk of the recipient, a department [5.1.6]"),
    "refuseAuthorisation": Entrance("enterAuthorisationRefusal", "an officer of the recipient [5.1.6]"),
    "narrowAuthorisation": Entrance("enterAuthorisationNarrowing", "an officer of the recipient [5.1.6]"),
    "withdrawAuthorisation": Entrance("enterAuthorisationWithdrawal", "an officer of the recipient [5.1.6]"),
    "contestAuthorisation": Entrance("enterAuthorisationContest", "an officer of the recipient [5.1.6]"),
    # Delegations.
    "recordDelegation": Entrance("recordDelegation", "a clerk of the window, on its papers [5.1.6]", same=True),
    "endDelegation": Entrance("endDelegation", "the office that recorded it, on its papers [5.1.6]", same=True),
    "contestGuardianship": Entrance("enterGuardianshipContest", "a clerk of the office, not who recorded it [5.1.6]"),
    # No act.
    "markNotificationsSeen": Nothing("it says which lines of a screen were seen; a letter has none [5.1.6]"),
}
"""By mutation of the subject or its delegate. Reading is no act: on paper one asks for the copy of a record [5.1.6]."""

OF_THE_SUBJECT = {
    "credit.cases.actions.take_step.require_own",
    "consent.authorisations.callers.require_own",
    "consent.delegation_actions._loaded",
    "consent.delegation_actions._recording_office",
    "credit.notifications.actions.mark_seen",
}
"""What admits the subject and its delegate to an action; all other actions refuse them."""
ENTRANCES = {row.mutation for row in ON_PAPER.values() if isinstance(row, Entrance)}


def admitted() -> set[str]:
    """Return the mutations that the policy opens to the subject or its delegate, and whose action admits them."""
    table = load(POLICY_OF_THIS_RELEASE, refusal_fields(SCHEMA))
    found = set()
    for name, field in MUTATIONS.items():
        action = field.extensions["strawberry-definition"].metadata.get(ACTION, Action.WRITE)
        data_class = table.classes[f"Mutation.{name}"]
        asked = [table.act(role, Purpose.SELF_ACCESS, data_class, action) for role in (Role.SUBJECT, Role.AGENT)]
        if not all(isinstance(answer, Withheld) for answer in asked) and reached(resolver_of(name)) & OF_THE_SUBJECT:
            found.add(name)
    return found


def test_every_act_of_the_subject_has_its_way_on_paper_or_a_reason() -> None:
    """An entrance has the action of the subject, so it is found with it."""
    entered = {name for name in admitted() if name.startswith("enter")}
    assert admitted() - entered == set(ON_PAPER), "a new act of the subject needs its row"
    assert entered <= ENTRANCES


def test_every_entrance_is_in_the_table() -> None:
    assert {name for name in MUTATIONS if name.startswith("enter")} <= ENTRANCES <= set(MUTATIONS)


@pytest.mark.parametrize("name", [name for name, row in ON_PAPER.items() if isinstance(row, Entrance)])
def test_a_paper_has_its_reference_and_its_day(name: str) -> None:
    row = ON_PAPER[name]
    assert isinstance(row, Entrance)
    given = MUTATIONS[row.mutation].args["input"].type.of_type.fields
    assert row.same is (row.mutation == name)
    if not row.same:
        assert {"evidence"} < given.keys()
        assert given.keys() & {"on", "signedOn"}


def test_every_row_names_its_clause() -> None:
    for row in ON_PAPER.values():
        assert "[" in (row.who if isinstance(row, Entrance) else row.because)
