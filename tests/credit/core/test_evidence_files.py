"""A reference that begins with `file:` names an uploaded file; both kinds pass as references [5.1.1] [5.1.6]."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consent.rules import Paper, record_paper
from credit.core.evidence_files import FileFacts, may_attach_again, reference_of, uploaded
from credit.core.references import LONGEST_NAME, parse_reference
from tests.consent.samples import CREDIT_CHECK, TODAY, requested
from tests.hypothesis_profiles import examples

FILE = FileFacts(
    "file:a", "image/png", 1, bytes(32), "CLEAN", datetime(2026, 3, 5, tzinfo=UTC), "staff-1", "handler", "D1"
)


@given(st.binary(min_size=16, max_size=16))
@settings(max_examples=examples(200), deadline=None)
def test_every_reference_of_a_file_passes_as_evidence(tag: bytes) -> None:
    """It holds no digit, so no rule takes a part of it for an identity number."""
    reference = reference_of(tag)
    assert parse_reference(reference, LONGEST_NAME) == reference
    recorded = record_paper(requested(), CREDIT_CHECK, Paper(reference, TODAY), (), today=TODAY)
    assert recorded.paper_evidence == reference


def test_file_numbers_name_no_file_and_each_file_is_named_once() -> None:
    assert uploaded(["卷宗-1", "file:a", "profile:b", "file:c", "file:a"]) == ("file:a", "file:c")


@pytest.mark.parametrize(
    ("case", "by", "role", "may"),
    [
        ("an officer, what an officer gave", "handler", "reviewer", True),
        ("an officer, what the subject gave", "subject", "handler", True),
        ("the subject, what its agent gave", "agent", "subject", True),
        ("the subject, what the authority holds", "handler", "subject", False),
        ("the agent, what the window holds", "clerk", "agent", False),
    ],
)
def test_the_subject_attaches_only_what_its_side_gave(case: str, by: str, role: str, may: bool) -> None:  # noqa: FBT001 - a column of the table
    assert may_attach_again(replace(FILE, uploaded_as=by), role) is may, case
