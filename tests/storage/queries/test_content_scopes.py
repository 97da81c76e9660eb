"""What a record says ends with the reason to read it: which rows each scope holds then, read off the clauses by hand.

`tests/schema/test_which_content.py` asks the same as the users do; `test_scopes` and `test_open_scopes` have the rest.
"""

from datetime import timedelta
from typing import Any

import pytest

from queryplan.entities import Entity
from queryplan.plan import Column, SelectPlan
from queryplan.scopes import Scope
from storage.database.database import Database
from storage.queries.entity_map import SHAPES
from storage.queries.query_runner import SqlQueryRunner
from storage.tables import focused_checks
from tests.storage import rows
from tests.storage.rows import Row, found, key, put

YESTERDAY = rows.TODAY - timedelta(days=1)
ELSEWHERE: dict[str, Any] = {"area_code": "370306"}


def check(of: str, **values: Any) -> list[Row]:
    """Give a check of *of*, with a file."""
    name = f"check of {of}"
    return [
        rows.filled(focused_checks, name, of, area_code="370305", **values),
        *rows.file(f"file of {of}", of=of, record="FOCUSED_CHECK", to=name, uploaded_as="regulator"),
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
        "removed, and in force by another case",
        [
            rows.restraint("r8", of="removed, and in force by another case", removed_on=rows.TODAY),
            rows.restraint("r9", of="removed, and in force by another case"),
        ],
        True,
    ),
    ("moved away", [rows.restraint("r10", of="moved away")], False),
]


def checked(name: str) -> bool:
    """Say whether *name* is a target still; of the rest only that it was checked is known."""
    return next(still for one, _, still in CHECKS if one == name)


@pytest.fixture(scope="module")
async def query_runner(shared_database: Database) -> SqlQueryRunner:
    await put(
        shared_database,
        *(
            row
            for name, records, _ in CHECKS
            for row in (rows.subject(name, **(ELSEWHERE if name == "moved away" else {})), *records, *check(name))
        ),
        rows.subject("checked elsewhere"),
        rows.restraint("r11", of="checked elsewhere"),
        *check("checked elsewhere", sector_code="S2"),
    )
    return SqlQueryRunner(shared_database)


async def inside(query_runner: SqlQueryRunner, entity: Entity, scope: Scope, **actor: Any) -> set[Any]:
    """Give the ids of the rows of *entity* that *scope* holds."""
    statement = SelectPlan(entity, (Column("", SHAPES[entity].row_id),), scopes=(scope,))
    return set(await found(query_runner, statement, **actor))


async def test_a_check_says_of_a_former_target_only_that_it_was_made(query_runner: SqlQueryRunner) -> None:
    """[5.2.2] [5.1.5] Who it is, what was found and its files end with the restraint."""
    everybody = {name for name, _, _ in CHECKS}
    still = {name for name in everybody if checked(name)}
    assert await inside(query_runner, Entity.FOCUSED_CHECK, Scope.CHECKED) == {
        key(f"check of {one}") for one in everybody
    }
    assert await inside(query_runner, Entity.SUBJECT, Scope.CHECKED) == {key(one) for one in everybody}
    assert await inside(query_runner, Entity.FOCUSED_CHECK, Scope.SECTOR_AREA) == {
        key(f"check of {one}") for one in still
    }
    assert await inside(query_runner, Entity.EVIDENCE_FILE, Scope.SECTOR_AREA) == {
        key(f"file of {one}") for one in still
    }
    assert await inside(query_runner, Entity.EVIDENCE_FILE, Scope.CHECKED) == set()
    for bind in ("actor_sector", "actor_area", "actor_area_end"):
        assert await inside(query_runner, Entity.FOCUSED_CHECK, Scope.CHECKED, **{bind: None}) == set()
