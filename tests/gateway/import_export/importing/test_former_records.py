"""[5.1.4] A file of former records: what it determines and shows, before anybody has confirmed it."""

import csv
import io
from dataclasses import replace

import orjson
import pytest

from credit.file_formats import case_columns as h
from gateway.import_export.files.xlsx_writer import workbook_of
from gateway.import_export.importing.run import TOPIC, ImportMode
from policy.actors import Actor, Role
from schema.core.ports import GraphQLRequest
from storage import tables
from tests.gateway.import_export.synthetic_cases import case, count, every, put, reasons, sheet, take

COLLECTED = dict.fromkeys(["认定日期", "有效期", "法律文书", "公布日期"])


@pytest.mark.parametrize("name", ["cases.csv", "cases.xlsx"])
async def test_without_a_cut_over_date_a_file_determines_and_publishes_nothing(sqlite_services, tmp_path, name):
    """[5.1.4] Each completed row is refused by name, from any file; the same case is taken in as collected."""
    sqlite_services.settings = replace(sqlite_services.settings, cut_over_on=None)
    rows = case(1), case(2, **COLLECTED)
    header, *lines = csv.reader(io.StringIO(sheet(*rows)))
    path = put(tmp_path, workbook_of("案件", header, lines) if name.endswith("x") else sheet(*rows), name)
    report = await take(sqlite_services, path, mode=ImportMode.PER_ROW)
    assert reasons(report) == [(2, h.DETERMINED_ON, "NO_CUT_OVER")]
    (row,) = await every(sqlite_services, tables.restraint_cases)
    assert [row[column] for column in DAYS] == [None] * len(DAYS)
    (step,) = await every(sqlite_services, tables.case_steps)
    assert (step["step"], list(step["facts"])) == ("COLLECTED", ["record"])
    assert {one["topic"] for one in await every(sqlite_services, tables.outbox)} == {TOPIC}
    # Nor does a later file determine what is collected.
    again = put(tmp_path, sheet(case(2)), "b.csv")
    assert reasons(await take(sqlite_services, again)) == [(2, h.CASE_NUMBER, "CASE_NOT_OPEN")]


DAYS = (
    "taken_over_on", "former_determined_on", "former_published_on", "former_ends_on", "determined_on", "published_on",
    "ends_on", "verified_at",
)  # fmt: skip


async def test_no_list_shows_a_former_record_before_it_is_confirmed(services, tmp_path):
    """[5.1.4] [5.2.2] Neither the supervisors, nor the platform, nor the public."""
    await take(services, put(tmp_path, sheet(*(case(at) for at in range(3)))))
    for actor, purpose, root in (
        (Actor("regulator-1", Role.REGULATOR, None, "approval", "370305"), "FOCUSED_CHECK", "focusedCheckTargets"),
        (Actor("platform-1", Role.PLATFORM), "PLATFORM_EXCHANGE", "restraintCases"),
        (Actor("", Role.ANONYMOUS), "PUBLICITY", "publicRestraintList"),
    ):
        asked = f"query @purpose(is: {purpose}) {{ {root}(first: 5) {{ totalCount nodes {{ isTakenOver }} }} }}"
        answer = await services.graphql_service.execute(GraphQLRequest(query=asked, actor=actor, request_id="r"))
        assert orjson.loads(answer.body)["data"][root] == {"totalCount": 0, "nodes": []}, purpose
    assert await count(services, tables.disclosures) == 0
