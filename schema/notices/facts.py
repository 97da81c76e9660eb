"""The personal facts of a document: read as the caller, for the caller's purpose, and recorded."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from credit.core.errors import UnknownCase
from credit.notices.facts import NoticeKind
from credit.subjects.subject import SubjectKind

Ask = Callable[[str, Mapping[str, object]], Awaitable[Mapping[str, Any]]]

_EVERY: Final = "subject { kind name } department { name telephone window }"
_OF_KIND: Final[Mapping[NoticeKind, str]] = {
    NoticeKind.NOTICE: "facts circumstance basis channel",
    NoticeKind.RECEIPT_OF_SERVICE: "number",
    NoticeKind.REVIEW_DECISION: "statedOn reviewedOn reviewOutcome",
    NoticeKind.DETERMINATION: "facts circumstance basis servedOn legalDocument periodBasis",
    NoticeKind.REPAIR_CERTIFICATE: "legalDocument determinedOn publishedOn endsOn rectifiedOn",
}
"""The facts of its case that each document has, so that the access entry lists what is really disclosed."""


async def gather(ask: Ask, case: str, kind: NoticeKind, *, amended: bool = False) -> dict[str, object]:
    """Return addressee, conduct and department of a case; None for facts that the caller may not read.

    The decision of a review has the conduct only if the review *amended* it.

    Raises UnknownCase where the caller sees no such case.
    """
    tells = kind in {NoticeKind.NOTICE, NoticeKind.DETERMINATION} or amended
    further = " facts" if amended else ""
    found = await _read(ask, case, "RestraintCase", f"{_EVERY} {_OF_KIND[kind]}{further}")
    facts = _addressee(found)
    if kind is NoticeKind.NOTICE:
        facts["window"] = (found["department"] or {}).get("window")
    if tells:
        facts["conduct"] = found["facts"]
    return facts


_OF_APPLICATION: Final = f"{_EVERY} number matter {{ name }} deferral {{ promisedFor documents {{ document }} }}"


async def gather_of_application(ask: Ask, application: str) -> dict[str, object]:
    """Return addressee, department, number and matter of an application, in the same way."""
    found = await _read(ask, application, "Application", _OF_APPLICATION)
    return _addressee(found) | {
        "window": (found["department"] or {}).get("window"),
        "application_number": found["number"],
        "matter": (found["matter"] or {}).get("name"),
    }


async def _read(ask: Ask, record: str, type_name: str, fields: str) -> Mapping[str, Any]:
    """Return the fields of the record of this global id; raises UnknownCase where the caller sees none."""
    document = f"query($i: ID!) {{ node(id: $i) {{ ... on {type_name} {{ {fields} }} }} }}"
    answer = await ask(document, {"i": record})
    found: Mapping[str, Any] | None = (answer.get("data") or {}).get("node")
    if found is None:
        raise UnknownCase
    return found


def _addressee(found: Mapping[str, Any]) -> dict[str, object]:
    """Return who the document is for, and the department that issues it."""
    subject, department = found["subject"] or {}, found["department"] or {}
    stands_as = subject.get("kind")
    return {
        "addressee": subject.get("name"),
        "subject_kind": None if stands_as is None else SubjectKind(stands_as),
        "department": department.get("name"),
        "telephone": department.get("telephone"),
    }
