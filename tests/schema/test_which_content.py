"""What a record says ends with the reason to read it; its number, dates and outcome stay: the table of decision 33.

`test_which_rows` says which records each purpose lists.
"""

from typing import Any

import pytest
from sqlalchemy import insert, update

from credit.subjects.subject import Place
from policy.crypto.masking import mask_text
from storage import tables
from tests.builders import DISTRICT, MARKET, TODAY
from tests.schema.service import ServiceUnderTest
from tests.storage import rows


async def change(service: ServiceUnderTest, case: str, **values: Any) -> None:
    """Change the columns of a case, as its steps would."""
    table = tables.restraint_cases
    async with service.services.database.writing() as session:
        await session.execute(update(table).where(table.c.case_id == service.world.case(case).case_id).values(values))


async def put(service: ServiceUnderTest, *new: rows.Row) -> None:
    """Insert *new* rows."""
    async with service.services.database.writing() as session:
        for table, row in new:
            await session.execute(insert(table), dict(row))


def box(service: ServiceUnderTest, of: str, text: str, table: str, item: str, row_id: Any) -> dict[str, Any]:
    """Give the two columns of a sealed text of *of*."""
    party = service.world.party(of)
    place = Place(table, item, party.subject_id, row_id, 1)
    return {
        f"{item}_sealed": service.world.keyring.seal(text, place, party.wrapped), f"{item}_mask": mask_text(text)
    }  # fmt: skip


def given(data: Any) -> dict[str, Any]:
    """Give the fields that have a value."""
    return {name: value for name, value in data.items() if value is not None}


CHECKED = """query @purpose(is: FOCUSED_CHECK) { focusedChecks { totalCount nodes {
  checkedOn outcome checkedBy facts subject { id name identifier address isRestrained restraintCases { totalCount } }
} } }"""


@pytest.mark.parametrize(
    ("case", "of", "ended", "still"),
    [
        ("in-force", "person-1", {}, True),
        ("in-force", "person-1", {"ends_on": "2026-11-19", "rectified_on": "2026-11-10"}, False),
        ("in-force", "person-1", {"removed_on": "2026-11-20", "removal": "WRONG"}, False),
        ("company in force", "company-1", {"removed_on": "2026-11-20", "removal": "CHANGED"}, False),
    ],
)
async def test_a_supervisor_does_not_keep_who_a_former_target_was(
    service: ServiceUnderTest, case: str, of: str, ended: dict[str, str], still: bool
) -> None:
    """[5.2.2] [5.1.5] The check stays with its day and outcome."""
    party, row_id = service.world.party(of), rows.key("check")
    facts = box(service, of, "现场核查", "focused_checks", "facts", row_id)
    await put(service, rows.filled(
        tables.focused_checks, "check", subject_id=party.subject_id, check_id=row_id, sector_code=MARKET,
        area_code=DISTRICT, checked_on=TODAY, **facts,
    ))  # fmt: skip
    if ended:
        await change(service, case, **{name: _day(value) for name, value in ended.items()})
    reply = await service.ask(CHECKED, "regulator")
    (check,) = reply.data["focusedChecks"]["nodes"]
    assert (check["checkedOn"], check["outcome"]) == (TODAY.isoformat(), "NOTHING_FOUND")
    assert check["facts"] == ("现场核查" if still else None)
    subject = given(check["subject"])
    assert subject.pop("id") == party.gid
    assert (subject != {}) is still
    assert still == (party.name in reply.body.decode())
    asked = await service.ask(
        "query($i: ID!) @purpose(is: FOCUSED_CHECK) { subject(id: $i) { id name isRestrained } }",
        "regulator", {"i": party.gid},
    )  # fmt: skip
    assert given(asked.data["subject"]) == (
        {"id": party.gid, "name": party.name, "isRestrained": True} if still else {"id": party.gid}
    )


def _day(value: str) -> Any:
    return value if value.isalpha() else type(TODAY).fromisoformat(value)
