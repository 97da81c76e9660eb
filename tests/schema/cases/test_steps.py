"""What a step of a case shows of its documents and decisions, and its list of references [5.1.1] [5.1.4] [5.1.6]."""

from datetime import date
from typing import Any, cast
from uuid import UUID

import pytest

from credit.cases.steps import StepName
from policy.crypto.masking import mask_text
from schema.cases.step_types import _decided, _own_evidence, references_of
from schema.core.day import EvaluationDay

DAY = cast("EvaluationDay", None)
"""Neither looks at the day."""


@pytest.mark.parametrize(
    ("text", "references"),
    [
        ('["现场笔录-3", "照片-4"]', ["现场笔录-3", "照片-4"]),
        ("[]", []),
        ("卷宗第3号", ["卷宗第3号"]),  # as lists taken in from elsewhere have it
        ("3", ["3"]),
        ('{"a": 1}', ['{"a": 1}']),
        (mask_text('["照片-4"]'), [mask_text("x")]),
    ],
)
def test_references_are_a_list_in_every_stored_form(text: str, references: list[str]) -> None:
    assert references_of(text) == references


@pytest.mark.parametrize(
    ("step", "own"),
    [(step, step in {StepName.STATED, StepName.SERVED, StepName.RECTIFICATION_CLAIMED}) for step in StepName],
)
def test_of_the_papers_of_a_step_the_subject_sees_its_own(step: StepName, own: bool) -> None:  # noqa: FBT001 - a row of the table
    assert _own_evidence(step.value, "甲-1\n乙-2", DAY) == (["甲-1", "乙-2"] if own else [])
    assert _own_evidence(step.value, None, DAY) == []


@pytest.mark.parametrize(
    ("facts", "shown"),
    [
        ({}, {}),
        ({"means": "BY_POST"}, {"means": "BY_POST"}),
        (
            {"legal_document": "文书-1", "term": {"months": 6, "until": None, "citation": None}},
            {"legalDocument": "文书-1", "months": "6"},
        ),
        (
            {
                "grounds": {
                    "kind": "COMMITMENT",
                    "committed_on": "2026-01-05",
                    "verified_on": "2026-02-05",
                    "met": False,
                }
            },
            {"committedOn": "2026-01-05", "commitmentVerifiedOn": "2026-02-05", "commitmentMet": "false"},
        ),
        # Facts about other persons are not here.
        ({"grounds": {"kind": "IMPERSONATION", "victim_id": str(UUID(int=1))}}, {}),
        (
            {
                "ends_on": date(2026, 8, 26).isoformat(),
                "restarts": [{"by_case_id": str(UUID(int=2)), "on": "2026-02-26"}],
            },
            {"endsOn": "2026-08-26"},
        ),
    ],
)
def test_what_a_step_decided_is_shown_by_name(facts: dict[str, Any], shown: dict[str, str]) -> None:
    found = _decided("", facts, DAY)
    assert {each["name"]: each["value"] for each in found} == shown
    assert all(each["label"] for each in found)
