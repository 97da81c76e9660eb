"""Reference data from files: all of a file or none of it, and an error that names the wrong line [6.2]."""

import pytest
from sqlalchemy import select

from consent.ledger.system_entries import ReferenceData, parse_system_entry
from gateway.load_reference import ReferenceRefused, load
from storage.tables import departments, matters
from tests.builders import NOW
from tests.storage.access_record import pending

SECTORS = "code,name_zh,name_en\nmarket,市场监管,Market\n"
DEPARTMENTS = "code,name_zh,name_en,sector_code,window_zh,telephone\nD1,演示局,Demo bureau,market,一号窗口,\n"
MATTERS = "code,name_zh,name_en,department_code,sector_code,green_channel,deferred_documents,commitment\n"


@pytest.fixture
def file(tmp_path):
    def write(text, encoding="utf-8"):
        path = tmp_path / "reference.csv"
        path.write_bytes(text.encode(encoding))
        return path

    return write


async def test_files_load_in_order_and_load_again(database, file):
    assert await load(database, "sectors", file("\ufeff" + SECTORS), NOW) == (1, 1)
    assert await load(database, "departments", file(DEPARTMENTS), NOW) == (1, 1)
    assert await load(database, "matters", file(MATTERS + "M1,演示事项,Demo,D1,market,是,否,\n"), NOW) == (1, 1)
    assert await load(database, "departments", file(DEPARTMENTS.replace("演示局", "演示二局")), NOW) == (0, 1)
    assert await database.fetch(select(departments.c.name_zh, departments.c.telephone)) == [("演示二局", None)]
    flags = matters.c.green_channel, matters.c.deferred_documents, matters.c.commitment
    assert await database.fetch(select(*flags)) == [(True, False, False)]
    entries = [parse_system_entry(entry) for log, _, entry in await pending(database) if log == "system"]
    stated = [each for each in entries if isinstance(each, ReferenceData)]
    assert [(each.name, each.rows) for each in stated] == [
        (name, 1) for name in ("sectors", "departments", "matters", "departments")
    ]
    assert len({each.digest for each in stated}) == 4
    await load(database, "sectors", file(SECTORS), NOW)
    assert len(await pending(database)) == len(entries), "the same rows are not stated again"


async def test_a_matters_own_limits_and_further_incentives_are_read(database, file):
    """[4.2.2] [4.2.3] [4.2.4]"""
    await load(database, "sectors", file(SECTORS), NOW)
    await load(database, "departments", file(DEPARTMENTS), NOW)
    more = MATTERS.strip() + ",deferral_longest_days,commitment_limit_days,incentives\n"
    await load(database, "matters", file(more + "M1,演示事项,Demo,D1,market,,是,是,30,0,ONLINE FAST\n"), NOW)
    columns = matters.c.deferral_longest_days, matters.c.commitment_limit_days, matters.c.incentives
    assert await database.fetch(select(*columns)) == [(30, 0, ["ONLINE", "FAST"])]
    with pytest.raises(ReferenceRefused, match="not a number of days"):
        await load(database, "matters", file(more + "M1,演示事项,Demo,D1,market,,是,是,-3,0,\n"), NOW)


@pytest.mark.parametrize(
    ("case", "table", "text", "encoding", "says"),
    [
        ("a table that is no reference", "subjects", SECTORS, "utf-8", "there is no table subjects"),
        ("a column too many", "sectors", "code,name_zh,name_en,secret\na,b,c,d\n", "utf-8", "the header of"),
        ("a column too few", "sectors", "code,name_zh\na,b\n", "utf-8", "the header of"),
        ("a value missing", "sectors", "code,name_zh,name_en\na,,c\n", "utf-8", "line 2: name_zh is missing"),
        ("a cell too many", "sectors", "code,name_zh,name_en\na,b,c,d\n", "utf-8", "line 2 has too many cells"),
        ("a code that is not there", "departments", DEPARTMENTS, "utf-8", "a row names a code that is not there"),
        ("maybe", "matters", MATTERS + "M1,甲,A,D1,market,maybe,,\n", "utf-8", "line 2: green_channel is neither"),
        ("another encoding", "sectors", SECTORS, "gb18030", "cannot be read"),
        ("no rows", "sectors", "code,name_zh,name_en\n", "utf-8", "has no rows"),
    ],
)
async def test_what_does_not_fit_is_refused_whole(database, file, case, table, text, encoding, says):
    with pytest.raises(ReferenceRefused, match=says) as refused:
        await load(database, table, file(text, encoding), NOW)
    assert refused.value.hint
    assert await database.fetch(select(departments.c.code)) == []
