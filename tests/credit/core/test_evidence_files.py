"""A reference that begins with `file:` names an uploaded file; both kinds pass as references [5.1.1] [5.1.6]."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consent.rules import Paper, record_paper
from credit.core.evidence_files import READERS, FileFacts, FileRecord, may_carry, may_name_again, reference_of, uploaded
from credit.core.values.references import LONGEST_NAME, parse_reference
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


CASE, APPLICATION, PAPER, OBJECTION = (
    FileRecord.RESTRAINT_CASE,
    FileRecord.APPLICATION,
    FileRecord.AUTHORISATION,
    FileRecord.OBJECTION,
)


@pytest.mark.parametrize(
    ("case", "record", "by", "role", "may"),
    [
        ("the reviewer, what the handler gave", CASE, "handler", "reviewer", True),
        ("the handler, what the subject gave", CASE, "subject", "handler", True),
        ("the head, who reads no evidence of a case", CASE, "handler", "head", False),
        ("a colleague of the window, its paper", PAPER, "clerk", "clerk", True),
        ("the head who decides on a paper", PAPER, "clerk", "head", True),
        ("the handler of an application", APPLICATION, "clerk", "handler", True),
        ("the handler of the contested case", OBJECTION, "subject", "handler", False),
        ("the subject, what its agent gave", CASE, "agent", "subject", True),
        ("the subject, what the authority holds", CASE, "handler", "subject", False),
        ("the agent, what the window holds", APPLICATION, "clerk", "agent", False),
    ],
)
def test_a_file_is_named_again_for_its_record_by_those_who_read_it_there(
    case: str,
    record: FileRecord,
    by: str,
    role: str,
    may: bool,  # noqa: FBT001 - a column of the table
) -> None:
    assert may_name_again(record, replace(FILE, uploaded_as=by), role) is may, case


@pytest.mark.parametrize(
    ("by", "goes_along"), [("handler", True), ("reviewer", True), ("subject", False), ("agent", False)]
)
def test_what_the_subject_gave_stays_where_it_gave_it(by: str, goes_along: bool) -> None:  # noqa: FBT001 - as above
    """The handler of a contested case reads nothing of an objection to it, whatever its answer leads to [5.1.4(6)]."""
    assert may_carry(replace(FILE, uploaded_as=by)) is goes_along


def test_every_kind_of_record_says_who_reads_its_files() -> None:
    assert set(READERS) == set(FileRecord)
