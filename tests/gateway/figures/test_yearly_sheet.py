"""The yearly sheet as rows and as PDF: what may be published, in Chinese and English, the same every time [6.1]."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest

from credit.cases.rules.deadlines import ClockName
from credit.cases.status import Circumstance, CollectionChannel
from credit.incentives.incentive import shipped
from credit.statistics.figures import CaseRecord, ClockOutcome, ClockRecord, YearFigures, figures
from gateway.cli import run
from gateway.figures.service import CLOCKS
from gateway.figures.yearly_sheet import _ENGLISH, csv_of, pdf_of, pictures_of, sections
from tests.builders import new_keyring

pytestmark = pytest.mark.pdf

DEPARTMENTS = {"LZ-SCJG": "临淄区市场监督管理局", "LZ-WJJ": "临淄区卫生健康局"}
ENGLISH: Mapping[str, str] = {one.code: one.name_en for one in shipped().values()}


def year() -> YearFigures:
    """Give forty cases of one department, of which six were overturned, and one of the other."""
    day = date(2025, 3, 5)
    case = CaseRecord("LZ-SCJG", Circumstance.OTHER, CollectionChannel.PUBLIC_REPORT, day, date(2025, 4, 4))
    wrong = CaseRecord("LZ-SCJG", Circumstance.OTHER, CollectionChannel.PUBLIC_REPORT, day, None, None, day)
    lone = CaseRecord("LZ-WJJ", Circumstance.OTHER, CollectionChannel.PUBLIC_REPORT, day)
    found = figures(
        year=2025, as_of=date(2025, 12, 31), departments=list(DEPARTMENTS), incentives=sorted(ENGLISH), clocks=CLOCKS,
        cases=[case] * 34 + [wrong] * 6 + [lone],
        clock_records=[ClockRecord("LZ-SCJG", ClockName.NOTICE, day, ClockOutcome.MET)] * 12,
        corrections=[], grants=[],
    )  # fmt: skip
    return YearFigures.of(found, DEPARTMENTS, {one.code: one.name_zh for one in shipped().values()}, 5)


def test_the_same_figures_make_the_same_bytes() -> None:
    assert pdf_of(year(), None, ENGLISH) == pdf_of(year(), None, ENGLISH)
    assert pdf_of(year(), "LZ-SCJG", ENGLISH).startswith(b"%PDF-")


def test_it_takes_two_pages() -> None:
    assert len(pictures_of(year(), None, ENGLISH)) == 2


def test_every_line_has_its_english_beside_it() -> None:
    for section in sections(year(), None, ENGLISH):
        assert section.zh
        assert all(line.zh and line.en and not line.en.isupper() for line in section.lines), section.zh
    assert {clock.value for clock in ClockName if clock.value in CLOCKS} <= _ENGLISH.keys()


def test_rows_hide_what_is_hidden() -> None:
    text = csv_of(year(), [None, *DEPARTMENTS], ENGLISH).decode("utf-8-sig")
    assert "2025,2025-12-31,,全区,总览,Overview,CASES,采集案件 Cases collected,41\r\n" in text
    # A count of one would identify a person, and the other department's forty would reveal that one by subtraction.
    assert "LZ-WJJ,临淄区卫生健康局,总览,Overview,CASES,采集案件 Cases collected,*\r\n" in text
    assert "LZ-SCJG,临淄区市场监督管理局,总览,Overview,CASES,采集案件 Cases collected,*\r\n" in text


@pytest.fixture
def folder(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    environment = {
        "KEK_FILE": str(new_keyring(tmp_path)),
        "DATABASE_URL": database_url,
        "DEV_KEY_FILE": str(tmp_path / "d"),
    }
    for name, value in environment.items():
        monkeypatch.setenv(f"CHENGXIN_{name}", value)
    return tmp_path


def test_the_command_writes_the_sheet(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for form in ("csv", "pdf"):
        output = folder / f"sheet.{form}"
        assert run(["figures", "2025", "--format", form, "--output", str(output)]) == 0, capsys.readouterr().err
        assert output.read_bytes()[:3] in {b"\xef\xbb\xbf", b"%PD"}
    assert run(["figures", "2025", "--output", str(folder / "sheet.pdf")]) == 1  # it is there
    assert run(["figures", "2025", "--department", "NONE", "--output", str(folder / "other.pdf")]) == 1
    assert "there is no department NONE" in capsys.readouterr().err
    assert run(["figures", "1999", "--output", str(folder / "other.pdf")]) == 1
