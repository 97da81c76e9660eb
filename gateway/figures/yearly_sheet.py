"""The yearly sheet of a department or the district, as rows and as PDF/A with charts: Chinese and English [6.1].

The sheet shows published figures only: a hidden count is hidden here too. The same figures make the same bytes.
"""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from pathlib import Path
from typing import Final, Literal

import orjson
import typst

from credit.cases.rules.deadlines import ClockName
from credit.cases.status import Circumstance, CollectionChannel
from credit.core.values.dates import SHANGHAI
from credit.statistics.figures import ClockOutcome, DepartmentSheet, Dimension, PeriodState, PromiseOutcome, YearFigures
from credit.statistics.suppression import Count
from gateway.notices.font_coverage import PDF_STANDARD, fonts, require_glyphs

TEMPLATE: Final = Path(__file__).parent / "templates" / "sheet.typ"
DISTRICT: Final = ("全区", "The whole district")
HIDDEN: Final = "*"
"""The text of a table cell whose count is hidden."""
HEADERS: Final = (
    "年度 year", "截至 as of", "部门代码 department", "部门名称 name", "项目 section", "section",
    "代码 code", "指标 item", "数量 count",
)  # fmt: skip
_SECTIONS: Final[Mapping[Dimension, tuple[str, str, Mapping[str, str]]]] = {
    Dimension.CIRCUMSTANCE: ("认定情形", "By circumstance", {each.value: each.zh for each in Circumstance}),
    Dimension.CHANNEL: ("采集途径", "By channel", {each.value: each.zh for each in CollectionChannel}),
    Dimension.STANDING: ("案件结果", "How cases stand", {each.value: each.zh for each in PeriodState}),
    Dimension.INCENTIVE: ("激励措施", "Incentives granted", {}),
    Dimension.PROMISE: ("承诺履行", "Promises behind them", {each.value: each.zh for each in PromiseOutcome}),
}
_ENGLISH: Final[Mapping[str, str]] = {
    "IMPERSONATION": "Impersonation", "FALSE_MATERIAL": "Concealed or false material",
    "DOCUMENTS_NOT_SUPPLIED": "Documents not supplied", "COMMITMENT_NOT_MET": "Commitment not met",
    "OTHER": "Other", "FACT_FINDING": "Fact-finding", "PLATFORM_QUERY": "Platform query",
    "SUPERVISION_PUSH": "Push from supervision", "PUBLIC_REPORT": "Public report", "PENDING": "Not determined yet",
    "DETERMINED": "Determined", "REPAIRED": "Repaired", "OVERTURNED": "Overturned", "KEPT": "Kept",
    "BROKEN": "Not kept", "OPEN": "Still open", "NONE": "No promise needed", "NOTICE": "Written notice",
    "PUBLICATION": "Publication and push",
    "REVIEW": "Review", "CORRECTION": "Correction or removal", "OBJECTION": "Answer to objection",
    "RECTIFICATION": "Answer to claim of rectification", "COMPLETION": "Completion on a commitment",
    "VERIFICATION": "Verification of a commitment", "DELETION": "Deletion of what was received",
    "MET": "in time", "MISSED": "too late", "RUNNING": "running",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class SheetLine:
    """One count of a section, with its labels."""

    code: str
    zh: str
    en: str
    count: Count


@dataclass(frozen=True, slots=True)
class SheetSection:
    """A section of the sheet, with its own chart."""

    zh: str
    en: str
    lines: Sequence[SheetLine]


def sections(found: YearFigures, department: str | None, incentives_en: Mapping[str, str]) -> Sequence[SheetSection]:
    """Return all sections of the sheet, in order."""
    one = found.sheet(department)
    overview = SheetSection(
        "总览",
        "Overview",
        [
            SheetLine("CASES", "采集案件", "Cases collected", one.cases),
            SheetLine("TAKEN_OVER", "接收历史数据", "Former records taken over", one.taken_over),
            SheetLine("CORRECTIONS", "修改或移除", "Corrections", one.corrections),
            SheetLine("LATE_ENTRIES", "补录", "Late entries", one.late_entries),
            SheetLine("INCENTIVES", "守信激励", "Incentives granted", one.incentives),
            SheetLine("DAYS", "认定用时中位数（日）", "Median days to determination", one.days_to_decision),
        ],
    )
    words = {**found.incentives}
    counted = [_section(one, dimension, words, incentives_en) for dimension in _SECTIONS]
    return [overview, *counted, *(_clock(ClockName(name), counts) for name, counts in one.clocks.items())]


def _section(one: DepartmentSheet, dimension: Dimension, zh: Mapping[str, str], en: Mapping[str, str]) -> SheetSection:
    title, english, words = _SECTIONS[dimension]
    lines = [
        SheetLine(code, words.get(code, zh.get(code, code)), en.get(code, _ENGLISH.get(code, code)), count)
        for code, count in one.by[dimension].items()
    ]
    return SheetSection(title, english, lines)


def _clock(clock: ClockName, counts: Mapping[str, Count]) -> SheetSection:
    lines = [SheetLine(each.value, each.zh, _ENGLISH[each.value], counts[each]) for each in ClockOutcome]
    return SheetSection(f"办理时限：{clock.zh}", f"Clock: {_ENGLISH[clock.value]}", lines)


def csv_of(found: YearFigures, departments: Sequence[str | None], incentives_en: Mapping[str, str]) -> bytes:
    """Return the sheets as CSV in UTF-8, with a byte order mark for spreadsheets."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(HEADERS)
    for department in departments:
        writer.writerows(_rows(found, department, incentives_en))
    return text.getvalue().encode("utf-8-sig")


def _rows(found: YearFigures, department: str | None, incentives_en: Mapping[str, str]) -> Iterator[tuple[object, ...]]:
    name = DISTRICT[0] if department is None else found.departments[department]
    for section in sections(found, department, incentives_en):
        for line in section.lines:
            count: object = HIDDEN if line.count is None else line.count
            yield (
                found.year, found.as_of.isoformat(), department or "", name, section.zh, section.en, line.code,
                f"{line.zh} {line.en}", count,
            )  # fmt: skip


def pdf_of(found: YearFigures, department: str | None, incentives_en: Mapping[str, str]) -> bytes:
    """Return the sheet as PDF/A-2b. Raises GlyphMissing for a name that the fonts cannot print."""
    [document] = _set(found, department, incentives_en, "pdf")
    return document


def pictures_of(found: YearFigures, department: str | None, incentives_en: Mapping[str, str]) -> tuple[bytes, ...]:
    """Return the pages of the sheet as PNG, to look at."""
    return _set(found, department, incentives_en, "png")


def _set(
    found: YearFigures, department: str | None, incentives_en: Mapping[str, str], form: Literal["pdf", "png"]
) -> tuple[bytes, ...]:
    name = DISTRICT[0] if department is None else found.departments[department]
    data = {
        "year": found.year,
        "as_of": found.as_of.isoformat(),
        "name": name,
        "code": department or DISTRICT[1],
        "hidden_below": found.k,
        "sections": [
            {
                "zh": section.zh,
                "en": section.en,
                "lines": [{"zh": line.zh, "en": line.en, "count": line.count} for line in section.lines],
            }
            for section in sections(found, department, incentives_en)
        ],
    }
    require_glyphs({"name": name, **found.incentives})
    compiler = typst.Compiler(
        TEMPLATE, root=TEMPLATE.parent, font_paths=fonts(), sys_inputs={"sheet": orjson.dumps(data).decode()}
    )
    made = compiler.compile(
        format=form,
        ppi=110 if form == "png" else None,
        pdf_standards=[PDF_STANDARD] if form == "pdf" else [],
        timestamp=int(datetime.combine(found.as_of, time(12), SHANGHAI).timestamp()),
    )
    return tuple(made) if isinstance(made, list) else (made or b"",)
