"""`chengxin import` and `chengxin export` as an operator runs them: results, messages, exit codes; no values."""

import asyncio
import csv
import io
import json
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import update

from credit.file_formats import case_columns as h
from gateway.cli import run
from storage import tables
from storage.database.database import Database
from tests.credit.subjects.synthetic_numbers import id_number, spaced, wide
from tests.gateway.import_export.files.raw_workbook import cells, packed, parts
from tests.gateway.import_export.synthetic_cases import case, confirm_all, furnish, number, put, services_over, sheet

pytestmark = pytest.mark.slow

AS = ("--as", "handler-1", "--department", "LZ-SPFW")
Run = Callable[..., tuple[int, str, str]]

MARKED = id_number(sequence="888")
NEVER = (MARKED, MARKED[:-1], MARKED[6:14], "标记甲", "标记路", "13911112222", "标记事实", "LZ-标记")
"""What is in the rows below, and may be in no output of an import, whatever is wrong with them [5.1.6]."""


@pytest.fixture
def chengxin(sqlite_url, tmp_path, monkeypatch, capfd) -> Run:
    """Run the command against a database with reference rows; gives exit code, stdout and stderr."""

    async def furnished() -> None:
        database = Database.open(sqlite_url)
        await furnish(database)
        await database.close()

    asyncio.run(furnished())
    services_over(sqlite_url, tmp_path)  # makes the key file
    monkeypatch.setenv("CHENGXIN_DATABASE_URL", sqlite_url)
    monkeypatch.setenv("CHENGXIN_KEK_FILE", str(tmp_path / "kek.key"))

    def command(*arguments: object) -> tuple[int, str, str]:
        code = run([str(argument) for argument in arguments])
        out, err = capfd.readouterr()
        return code, out, err

    return command


def test_a_good_file(chengxin, tmp_path):
    path = put(tmp_path, sheet({"序号": "1", **case(1)}, {"序号": "2", **case(2)}))
    code, out, err = chengxin("import", path, *AS)
    assert code == 0
    assert out.splitlines()[0].startswith("cases.csv: 2 rows, utf-8, file ")
    assert [line.split() for line in out.splitlines()[1:]] == [
        ["2", "taken", "in", "新导入"],
        ["0", "changed", "已更新"],
        ["0", "unchanged", "无变化"],
        ["0", "already", "there", "此前已导入"],
        ["0", "refused", "被拒绝"],
    ]
    assert "columns 1 mean nothing" in err
    code, out, _ = chengxin("import", path, *AS, "--per-row")
    assert (code, "       2  already there" in out) == (0, True)


def test_a_file_with_a_bad_row(chengxin, tmp_path):
    path = put(tmp_path, sheet(case(1), case(2, 身份证号=number(2)[:-1] + "?"), case(3)))
    code, out, err = chengxin("import", path, *AS)
    assert code == 1
    assert "       2  would be taken in 新导入" in out
    assert "line 3: 统一社会信用代码（身份证号）: INVALID_ID_NUMBER: 身份证号码无效" in out
    assert "note: nothing was taken in" in err
    code, out, _ = chengxin("import", path, *AS, "--per-row")
    assert (code, "       2  taken in 新导入" in out) == (1, True)
    code, out, _ = chengxin("import", path, *AS, "--per-row")
    assert (code, "       2  already there" in out) == (1, True)


def test_a_dry_run(chengxin, tmp_path):
    path = put(tmp_path, sheet(case(1)))
    code, out, err = chengxin("import", path, *AS, "--dry-run")
    assert (code, "       1  would be taken in" in out, "dry run" in err) == (0, True, True)
    assert "       1  taken in" in chengxin("import", path, *AS)[1]


@pytest.mark.parametrize("suffix", ["csv", "json"])
def test_the_report_has_every_problem_of_every_row(chengxin, tmp_path, suffix):
    wrong = [case(at, 身份证号="1", 有效期="长期") for at in range(25)]
    report = tmp_path / f"report.{suffix}"
    code, out, err = chengxin("import", put(tmp_path, sheet(*wrong)), *AS, "--report", report)
    assert code == 1
    assert out.count("line ") == 2 * 20
    assert "5 more rows are refused" in err
    content = report.read_bytes()
    rows = json.loads(content) if suffix == "json" else list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))[1:]
    assert len(rows) == 50
    first = list(rows[0].values()) if isinstance(rows[0], dict) else rows[0]
    assert [str(cell) for cell in first[:3]] == ["2", "统一社会信用代码（身份证号）", "INVALID_ID_NUMBER"]
    assert chengxin("import", put(tmp_path, sheet(case(1))), *AS, "--report", report)[2].startswith(
        "error: OUTPUT_EXISTS"
    )
    assert chengxin("import", put(tmp_path, sheet(case(1))), *AS, "--report", report, "--yes")[0] == 0


def test_a_warning_is_shown_and_refuses_nothing(chengxin, tmp_path):
    """[5.1.3] [5.1.6] By line, column and code, without the value."""
    path = put(tmp_path, sheet(case(1, 联系电话="7654321")))
    code, out, err = chengxin("import", path, *AS)
    assert (code, "       1  taken in" in out) == (0, True)
    assert "warning: line 2: 联系电话: PHONE: left out" in err
    assert "7654321" not in out + err


def test_json_for_machines(chengxin, tmp_path):
    path = put(tmp_path, sheet(case(1), case(2, 有效期="长期")).encode("gb18030"))
    code, out, _ = chengxin("import", path, *AS, "--per-row", "--json")
    output = json.loads(out)
    assert (code, output["written"], output["counts"]["taken_in"], output["counts"]["refused"]) == (1, True, 1, 1)
    assert output["file"]["encoding"] == "gb18030"
    assert [(entry["line"], entry["code"]) for entry in output["refused"]] == [(3, "VALIDITY_FORM")]


@pytest.mark.sampled
@pytest.mark.parametrize("as_json", [False, True], ids=["for people", "for machines"])
@pytest.mark.parametrize("mode", ["--all", "--per-row"])
def test_no_value_of_the_file_is_printed(chengxin, tmp_path, mode, as_json):
    """[5.1.6] Not in a result, not in a report, not in talk, however a row is wrong."""
    private = {
        "姓名": "标记甲",
        "身份证号": MARKED,
        "住址": "标记路",
        "联系电话": "13911112222",
        "失信事实": "标记事实",
    }
    habits = [
        MARKED[:-1] + "?",
        spaced(MARKED)[:-1],
        wide(MARKED),
        f'="{MARKED}"',
        MARKED + "0",
        MARKED[:6] + MARKED[8:17],
    ]
    rows = [
        *(case(at, **private | {"身份证号": habit}) for at, habit in enumerate(habits)),
        *(case(at + 50, **private | {header: f"标记甲{MARKED}\ufffd*"}) for at, header in enumerate(case(1))),
        case(80, **private, 案件编号=f"LZ-标记-{MARKED}"),
        case(81, **private | {"姓名": "标记甲乙"}),
    ]
    chengxin("import", put(tmp_path, sheet(case(60, **private | {"所属镇街": "闻韶街道"})), "a.csv"), *AS)
    report = tmp_path / "report.csv"
    options = ("--json",) if as_json else ()
    code, out, err = chengxin("import", put(tmp_path, sheet(*rows)), *AS, mode, "--report", report, *options)
    assert code == 1
    assert out.count("\n") > 20
    output = out + err + report.read_text("utf-8-sig")
    assert [text for text in NEVER if text in output] == []


def test_a_file_level_refusal_shows_no_value(chengxin, tmp_path):
    """[5.1.6] A broken cell, a header that is a row: reported by line and column."""
    broken = sheet(case(1)) + f'"标记甲,{MARKED}\n'
    for content in (broken, f"{MARKED},标记甲,无\n", sheet(case(1)) + f"\n\xff{MARKED}"):
        code, out, err = chengxin("import", put(tmp_path, content), *AS)
        assert code == 1
        assert [text for text in NEVER if text in out + err] == []


@pytest.mark.parametrize(
    ("why", "content", "lines"),
    [
        (
            "a workbook",
            b"PK\x03\x04",
            ["WORKBOOK: It is cut off or damaged. This workbook cannot be read", "docs/import-format.md describes"],
        ),
        (
            "missing columns",
            ",".join(name for name in case(1) if name != "案件编号") + "\n",
            ["line 1: MISSING_COLUMNS: The file lacks required columns (文件缺少必需的列)", "missing: 案件编号"],
        ),
    ],
)
def test_a_refusal_is_two_lines(chengxin, tmp_path, why, content, lines):
    code, out, err = chengxin("import", put(tmp_path, content), *AS)
    error, hint = err.splitlines()
    assert (code, out) == (1, "")
    assert error.startswith(f"error: {lines[0]}")
    assert hint.startswith(f"hint: {lines[1]}")


def test_who_may_not(chengxin, tmp_path):
    path = put(tmp_path, sheet(case(1)))
    code, _, err = chengxin("import", path, *AS, "--role", "clerk")
    assert (code, err.splitlines()[0].split(":")[1]) == (1, " NOT_ADMITTED")
    assert err.splitlines()[1] == "hint: the policy admits role:handler"
    code, out, _ = chengxin("import", path, *AS, "--role", "clerk", "--json")
    assert json.loads(out)["error"]["code"] == "NOT_ADMITTED"


@pytest.mark.parametrize(
    ("why", "arguments"),
    [
        ("no file", ("import", *AS)),
        ("no actor", ("import", "cases.csv", "--department", "LZ-SPFW")),
        ("no such role", ("import", "cases.csv", *AS, "--role", "king")),
        ("no purpose", ("export", *AS, "--role", "handler", "--output", "out.csv")),
        ("no such purpose", ("export", *AS, "--role", "handler", "--output", "out.csv", "--purpose", "CURIOSITY")),
        ("no day", ("export", *AS, "--role", "handler", "--output", "o", "--purpose", "REVIEW", "--since", "lately")),
        (
            "a week",
            ("export", *AS, "--role", "handler", "--output", "o", "--purpose", "REVIEW", "--since", "2026-W05-2"),
        ),
    ],
)
def test_misuse_has_an_exit_code_of_its_own(chengxin, why, arguments):
    code, out, err = chengxin(*arguments)
    assert (code, out) == (2, "")
    assert err.startswith("error: ")


def test_a_workbook_with_a_bad_cell_is_refused_with_its_row(chengxin, tmp_path):
    """[5.1.3] For people and for machines: the reason, the row, and the way out; never the content."""
    damaged = packed(parts(cells(*case(1)) + '<row r="7"><c t="s"><v>1</v></c></row>', ""))
    path = put(tmp_path, damaged, "cases.xlsx")
    code, _, err = chengxin("import", path, *AS)
    assert code == 1
    assert err.startswith("error: line 7: WORKBOOK: A cell refers to a text that the workbook does not hold.")
    _, out, _ = chengxin("import", path, *AS, "--json")
    error = json.loads(out)["error"]
    assert (error["code"], error["flaw"], error["line"]) == ("WORKBOOK", "SHARED_TEXT", 7)


async def confirmed(folder: Path) -> None:
    services = services_over(os.environ["CHENGXIN_DATABASE_URL"], folder)
    await confirm_all(services, datetime.now(UTC))  # the command has the clock of the machine
    await services.close()


async def damaged(folder: Path) -> None:
    services = services_over(os.environ["CHENGXIN_DATABASE_URL"], folder)
    await services.database.write((update(tables.restraint_cases).values(facts_sealed=b"damaged"), None))
    await services.close()


def test_an_export_with_a_damaged_value_is_written_and_exits_with_1(chengxin, tmp_path):
    chengxin("import", put(tmp_path, sheet(case(1))), *AS)
    asyncio.run(confirmed(tmp_path))
    asyncio.run(damaged(tmp_path))
    who = (*AS, "--role", "handler", "--purpose", "determination", "--output", tmp_path / "out.csv")
    code, out, err = chengxin("export", *who)
    assert (code, out) == (1, "1 rows written\n")
    [line] = [line for line in err.splitlines() if line.startswith("damaged: ")]
    assert line.endswith(f"{h.FACTS}: the stored value cannot be read; tell the operator")
    _, out, _ = chengxin("export", *who, "--yes", "--json")
    assert list(json.loads(out)["damaged"].values()) == [[h.FACTS]]


def test_an_export(chengxin, tmp_path):
    chengxin("import", put(tmp_path, sheet(case(1), case(2))), *AS)
    asyncio.run(confirmed(tmp_path))
    path = tmp_path / "out.csv"
    who = (*AS, "--role", "handler", "--purpose", "determination", "--output", path)
    code, out, _ = chengxin("export", *who)
    assert (code, out) == (0, "2 rows written\n")
    assert chengxin("export", *who)[0] == 1
    code, out, _ = chengxin("export", *who, "--yes", "--json", "--encoding", "gb18030")
    assert (code, json.loads(out)["rows"]) == (0, 2)
    assert number(1) in path.read_bytes().decode("gb18030")
    platform = (
        "--as",
        "platform-1",
        "--role",
        "platform",
        "--purpose",
        "PLATFORM_EXCHANGE",
        "--output",
        tmp_path / "p.csv",
    )
    code, out, err = chengxin("export", *platform)
    assert (code, out) == (0, "2 rows written\n")
    assert err == "note: withheld from this role for this purpose: 联系电话、采集途径\n"


def test_a_database_that_was_never_migrated(chengxin, tmp_path, monkeypatch):
    monkeypatch.setenv("CHENGXIN_DATABASE_URL", f"sqlite:///{tmp_path}/new.db")
    code, _, err = chengxin("import", put(tmp_path, sheet(case(1))), *AS)
    assert (code, err.splitlines()[1]) == (1, "hint: run 'chengxin db migrate'")
