"""docs/import-format.md says what the import does, and its examples do what it says."""

from pathlib import Path

import pytest
from sqlalchemy import insert

from gateway.import_export import generate_docs
from gateway.import_export.importing.run import ImportMode, import_file
from policy.actors import Actor, Role
from storage import tables
from tests.gateway.import_export.synthetic_cases import outcomes, reasons, take

DOCS = Path(__file__).parents[3] / "docs"
HANDLER = Actor("handler-7", Role.HANDLER, "LZ-SCJG")
CLERK = Actor("clerk-7", Role.CLERK, "LZ-SCJG")


@pytest.mark.parametrize(
    "table", ["columns", "application_columns", "subject_columns", "file_flaws", "reasons", "warnings", "kinds"]
)
def test_the_tables_are_those_of_the_program(table):
    text = (DOCS / "import-format.md").read_text("utf-8")
    shown = text.split(f"<!-- {table}: begin -->")[1].split(f"<!-- {table}: end -->")[0]
    assert shown.strip() == getattr(generate_docs, table)().strip()


@pytest.mark.parametrize("name", ["basic-information", "as-departments-keep-it"])
async def test_the_good_examples_are_taken_in(sqlite_services, name):
    report = await take(sqlite_services, DOCS / "examples" / f"{name}.csv", HANDLER)
    assert outcomes(report) == {"TAKEN_IN": 4}, reasons(report)


@pytest.mark.parametrize(("kind", "rows"), [("applications", 3), ("subjects", 4)])
async def test_the_other_kinds_have_an_example_each(sqlite_services, kind, rows):
    listed = [("LZ-SCJG-01", "食品经营许可"), ("LZ-SCJG-02", "小餐饮登记")]
    async with sqlite_services.database.writing() as session:
        of = {"department_code": "LZ-SCJG", "sector_code": "market"}
        new = [{"code": code, "name_zh": name, "name_en": code, **of} for code, name in listed]
        await session.execute(insert(tables.matters), new)
    report = await import_file(
        sqlite_services, DOCS / "examples" / f"{kind}.csv", CLERK, mode=ImportMode.ALL, kind=kind
    )
    assert outcomes(report) == {"TAKEN_IN": rows}, reasons(report)


async def test_the_bad_example_is_refused_as_it_says(sqlite_services):
    report = await take(sqlite_services, DOCS / "examples" / "with-mistakes.csv", HANDLER)
    assert outcomes(report) == {"TAKEN_IN": 1, "REFUSED": 8}
    assert [(line, code) for line, _, code in reasons(report)] == [
        (2, "INVALID_ID_NUMBER"),
        (3, "MASKED"),
        (3, "MASKED"),
        (4, "INVALID_ID_NUMBER"),
        (4, "DATE_YEAR"),
        (5, "OTHER_DEPARTMENT"),
        (6, "HOLDS_PERSONAL_DATA"),
        (6, "UNKNOWN_CHANNEL"),
        (7, "INVALID_SOCIAL_CREDIT_CODE"),
        (7, "UNKNOWN_AREA"),
        (9, "NAME_CONFLICT"),
        (10, "CASE_TWICE"),
    ]
