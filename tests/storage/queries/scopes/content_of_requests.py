"""Checks, applications and papers, with their files, and who has still a reason to read them."""

from datetime import timedelta
from typing import Any

from storage.tables import credit_checks, deferrals, focused_checks
from tests.storage import rows
from tests.storage.queries.scopes.content_of_cases import YESTERDAY, file
from tests.storage.rows import Row, key

ELSEWHERE: dict[str, Any] = {"area_code": "370306"}


def check(of: str, **values: Any) -> list[Row]:
    """Give a check of *of*, with a file."""
    name = f"check of {of}"
    return [
        rows.filled(focused_checks, name, of, area_code="370305", **values),
        *file(f"file of {of}", of=of, record="FOCUSED_CHECK", to=name, uploaded_as="regulator"),
    ]


CHECKS: list[tuple[str, list[Row], bool]] = [
    # Whose check, what is on record of it, and whether it is a target of the sector and area today [5.2.2].
    ("in force", [rows.restraint("r1", of="in force")], True),
    ("overdue", [rows.restraint("r2", of="overdue", ends_on=YESTERDAY)], True),
    ("repaired", [rows.restraint("r3", of="repaired", ends_on=YESTERDAY, rectified_on=YESTERDAY)], False),
    ("removed as wrong", [rows.restraint("r4", of="removed as wrong", removal="WRONG", removed_on=rows.TODAY)], False),
    ("rests for a review", [rows.restraint("r5", of="rests for a review", paused_on=YESTERDAY)], False),
    ("of another sector now", [rows.restraint("r6", of="of another sector now", sector_code="S2")], False),
    ("confidential since", [rows.restraint("r7", of="confidential since", confidential=True)], False),
    (
        "removed, in force by another",
        [
            rows.restraint("r8", of="removed, in force by another", removed_on=rows.TODAY),
            rows.restraint("r9", of="removed, in force by another"),
        ],
        True,
    ),
    ("moved away", [rows.restraint("r10", of="moved away")], False),
]


DECIDED_BEFORE: dict[str, Any] = {"decided_at": rows.EARLIER, "outcome": "APPROVED"}
FILED: list[tuple[str, dict[str, Any], bool]] = [
    # An application at the window, and whether the window reads what came with it. All are of one subject [4.2].
    ("undecided", {}, True),
    ("approved", DECIDED_BEFORE, False),
    ("withdrawn", DECIDED_BEFORE | {"outcome": "WITHDRAWN"}, False),
    ("owes documents", DECIDED_BEFORE, True),
    ("approved and contested", DECIDED_BEFORE, True),
    ("of another window", {"department_code": "D2"}, False),
]


def filed(name: str, values: dict[str, Any]) -> list[Row]:
    """Give an application of one subject, with what is kept with it."""
    application = f"application: {name}"
    of = {"subject_id": key("applicant"), "application_id": key(application)}
    where = {"department_code": values.get("department_code", "D1")}
    rest = {
        "owes documents": [rows.filled(deferrals, name, **of)],
        "approved and contested": [
            rows.objection(
                "objection to an application", of="applicant", case="", case_id=None, record="APPLICATION",
                record_id=key(application),
            )
        ],
    }  # fmt: skip
    return [
        rows.application(application, of="applicant", **values),
        rows.filled(credit_checks, name, **of, **where, check_id=key(f"finding: {name}")),
        rows.issued_notice(
            f"reminder: {name}", of="applicant", case="", case_id=None, application_id=key(application), **where
        ),
        *file(f"handed in: {name}", of="applicant", record="APPLICATION", to=application),
        *rest.get(name, []),
    ]  # fmt: skip


CONTESTED: dict[str, Any] = {"paper_evidence": "paper", "contested_at": rows.EARLIER}
DONE: dict[str, Any] = CONTESTED | {"contest_decided_at": rows.EARLIER, "contest_decided_by": "head-1"}
HELD: dict[str, Any] = {"paper_evidence": "paper", "held_at": rows.EARLIER}
CONFIRMED = HELD | {"confirmed_at": rows.EARLIER, "confirmed_by": "office-1"}
GONE: dict[str, Any] = {"withdrawn_at": rows.EARLIER}
PAPERS: list[tuple[str, dict[str, Any], bool, bool]] = [
    # A paper; whether somebody has to decide on it; whether the window, which relies on it, reads its file [5.1.6].
    ("live", {"paper_evidence": "paper"}, False, True),
    ("withdrawn", GONE, False, False),
    ("expired", {"expires_on": YESTERDAY}, False, False),
    ("used up", {"uses_made": 5}, False, False),
    ("contested", CONTESTED, True, False),
    ("contested and withdrawn", CONTESTED | GONE, True, False),
    ("decided", DONE, False, False),
    ("held", HELD, True, True),
    ("held and withdrawn", HELD | GONE, False, False),
    ("held and expired", HELD | {"expires_on": YESTERDAY}, False, False),
    ("held and contested", HELD | CONTESTED, True, False),
    ("confirmed", CONFIRMED, False, True),
    # The file is of its refusal on paper, which nobody but the subject knows of.
    ("given online, after a refusal on paper", {}, False, False),
]


def paper(name: str, values: dict[str, Any], **more: Any) -> list[Row]:
    """Give an authorisation of one subject, with the file of its paper."""
    return [
        rows.subject(f"giver: {name}"),
        rows.authorisation(f"paper: {name}", of=f"giver: {name}", **values, **more),
        *file(f"scan: {name}", of=f"giver: {name}", record="AUTHORISATION", to=f"paper: {name}"),
    ]


def checked(name: str) -> bool:
    """Say whether *name* is a target still; of the rest only that it was checked is known."""
    return next(still for one, _, still in CHECKS if one == name)


DELAYED: list[Row] = [
    rows.subject("investigated"),
    *(
        row
        for case in ("one delayed", "another")
        for row in (
            rows.restraint(case, of="investigated", department_code="D2", sector_code="S2"),
            *file(f"paper of {case}", of="investigated", record="RESTRAINT_CASE", to=case),
        )
    ),
    rows.entry_delay("a delay", of="investigated", case_id=key("one delayed"), opens_on=rows.TODAY + timedelta(days=9)),
]
