"""Every mutation is a step of `viewerCan`, stated once, or has a reason not to be."""

from collections import Counter
from collections.abc import Mapping
from typing import Final

from graphql import GraphQLObjectType, get_named_type

from schema.core.fields import ViewerStepsSource, field_map
from schema.core.viewer_steps.step_names import ViewerStepName
from tests.shipped_schema import shipped_types

MUTATIONS = shipped_types().mutation_type
BEGINS: Final = "it begins a record, and is no step of one that is there"
OF_SEVERAL: Final = "it is about a list or a message, and asks of no record whether it may be"
NO_STEP: Final[Mapping[str, str]] = {
    **dict.fromkeys(
        (
            *("checkCredit", "collectCase", "collectDefault", "collectUnmetCommitment", "consult", "deferDocuments"),
            *("enterObjection", "fileApplication", "grantIncentive", "issueNotice", "issueReminder", "makeCommitment"),
            *("offerAuthorisation", "raiseObjection", "recordDelegation", "recordFocusedCheck"),
            *("recordPaperAuthorisation", "registerSubject", "requestAuthorisation"),
        ),
        BEGINS,
    ),
    **dict.fromkeys(
        ("markNotificationsSeen", "markTargetsSeen", "resendMessage", "subscribeTargets", "unsubscribeTargets"),
        OF_SEVERAL,
    ),
    "recordRecipientTold": "it is of one recipient of a correction, and is open until that was notified",
    "unmarkConfidential": "nothing shows a marked case [5.1.6]",
}


def test_every_mutation_is_a_step_or_has_a_reason() -> None:
    assert MUTATIONS is not None
    assert {step.mutation for step in ViewerStepName} | NO_STEP.keys() == MUTATIONS.fields.keys()
    assert not {step.mutation for step in ViewerStepName} & NO_STEP.keys()


def test_every_step_is_stated_by_one_kind_of_record() -> None:
    sources = field_map(shipped_types())
    topics = {name: each.topic for name, each in sources.items() if isinstance(each, ViewerStepsSource)}
    stated = Counter(step.name for topic in topics.values() for step in topic.steps)
    assert stated == Counter(ViewerStepName)
    assert all(name.endswith(".viewerCan") for name in topics)


def test_a_step_has_the_words_of_its_mutation_and_a_field_that_names_the_record() -> None:
    assert isinstance(MUTATIONS, GraphQLObjectType)
    for step in ViewerStepName:
        mutation = MUTATIONS.fields[step.mutation]
        said = mutation.description or ""
        assert said.startswith(f"{step.zh}："), step
        assert f"[{step.clause}]" in said, step
        given = get_named_type(mutation.args["input"].type)
        assert "ID" in {get_named_type(each.type).name for each in given.fields.values()}, step
