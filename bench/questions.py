"""What the contenders are asked: each in the words of its own schema, for the same rows and fields."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from uuid import UUID

from queryplan.entities import Entity
from schema.core.global_ids import encode

CASE = "id circumstance publishedOn endsOn facts"
PAGE = (
    "query Targets %s { focusedCheckTargets(first: 20) { pageInfo { hasNextPage endCursor } nodes { " + CASE + " "
    "department { name } subject { id name identifier area { name } } } } }"
)
SUBJECT = (
    "query One($id: ID!) %s { subject(id: $id) { id name identifier restraintCases(first: 5) { nodes { "
    + CASE + " } } } }"
)  # fmt: skip
GRAPHILE_PAGE = (
    "{ focusedCheckTargets(first: 20) { pageInfo { hasNextPage endCursor } nodes { caseId circumstance publishedOn "
    "endsOn facts plainDepartmentByDepartmentCode { name } plainSubjectBySubjectId { subjectId name identifier "
    "plainAreaByAreaCode { name } } } } }"
)
GRAPHILE_SUBJECT = (
    "query One($id: UUID!) { plainSubjectBySubjectId(subjectId: $id) { subjectId name identifier "
    "plainCasesBySubjectId(first: 5, orderBy: PUBLISHED_ON_DESC) { nodes { caseId circumstance publishedOn endsOn "
    "facts } } } }"
)
PURPOSE = "@purpose(is: FOCUSED_CHECK)"
GATEWAY = "gateway"
"""The name of ours, and the beginning of the name of an earlier revision."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, with how many connections, and the body of it for a contender and a subject."""

    name: str
    connections: int
    body: Callable[[str, UUID], Mapping[str, object]]
    is_by_subject: bool


def _page(contender: str, _: UUID) -> Mapping[str, object]:
    if contender == "hand-written":
        return {}
    if contender.startswith("PostGraphile"):
        return {"query": GRAPHILE_PAGE}
    return {"query": PAGE % (PURPOSE if contender.startswith(GATEWAY) else "")}


def _subject(contender: str, subject: UUID) -> Mapping[str, object]:
    if contender == "hand-written":
        return {"id": str(subject)}
    if contender.startswith("PostGraphile"):
        return {"query": GRAPHILE_SUBJECT, "variables": {"id": str(subject)}}
    guarded = contender.startswith(GATEWAY)
    asked = encode(Entity.SUBJECT, subject) if guarded else str(subject)
    return {"query": SUBJECT % (PURPOSE if guarded else ""), "variables": {"id": asked}}


QUESTIONS = {
    "page": Question("page of 20 targets with subject, 16 connections", 16, _page, is_by_subject=False),
    "subject": Question("one subject with its 5 newest cases, 64 connections", 64, _subject, is_by_subject=True),
}
