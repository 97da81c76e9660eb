"""One record of each kind that the sample data lacks, all about one case and its subject."""

from typing import Any

from sqlalchemy import Table, insert

from storage import tables
from tests.builders import NOW, SCJG, TODAY
from tests.schema.service import ServiceUnderTest
from tests.storage import rows


async def add_records(service: ServiceUnderTest, only: str | None = None) -> None:
    """Add a step, a statement, a version of the facts, a correction, an objection, a focused check, a consultation.

    Or *only* one more step, of this name.
    """
    case, person = service.world.case("in-force"), service.world.party("person-1")
    filed = service.world.application("of person-1")
    ours: dict[str, Any] = {"subject_id": person.subject_id, "department_code": SCJG}
    about = ours | {"case_id": case.case_id}
    found: list[tuple[rows.Row, dict[str, Any]]] = [
        (rows.case_step("step", "one", "case"), about),
        (rows.case_statement("statement", "one", "case"), about),
        (rows.facts_version("version", "one", "case"), about),
        (rows.correction("correction", "one", "case"), about),
        (rows.objection("objection", "one", "case"), about | {"record_id": case.case_id}),
        (rows.issued_notice("notice", "one", "case"), about),
        (rows.registration("registration", "one"), ours),
        (
            rows.filled(tables.credit_checks, "finding", "one", application_id=filed.row_id, purpose="CREDIT_CHECK"),
            ours,
        ),
        (rows.filled(tables.focused_checks, "check", "one"), ours | {"sector_code": "market", "checked_on": TODAY}),
        (
            rows.filled(tables.consultations, "consultation"),
            {"recipient_code": SCJG, "kind": "AWARD", "recipient_kind": "DEPARTMENT", "at": NOW},
        ),
        (
            rows.filled(tables.consultation_lines, "line", "one"),
            ours | {"recipient_code": SCJG, "kind": "AWARD", "consultation_id": rows.key("consultation"), "at": NOW},
        ),
    ]
    if only is not None:
        found = [(rows.case_step(only, "one", "case"), about)]
    async with service.services.database.writing() as session:
        for (table, row), values in found:
            await session.execute(insert(table), dict(row) | _known(table, values))


def _known(table: Table, values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name in table.c}
