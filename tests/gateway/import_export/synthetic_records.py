"""Rows about applications and subjects, made up like those of `made`."""

from sqlalchemy import insert

from gateway.import_export.importing.report import ImportReport
from gateway.import_export.importing.run import ImportMode, import_file
from gateway.services import Services
from policy.actors import Actor, Role
from storage import tables
from tests.gateway.import_export.synthetic_cases import number

CLERK = Actor("clerk-1", Role.CLERK, "LZ-SPFW")
MATTERS = {
    "SPFW-01": ("LZ-SPFW", "演示事项一"),
    "SPFW-02": ("LZ-SPFW", "演示事项二"),
    "SCJG-01": ("LZ-SCJG", "演示事项三"),
}


def application(at: int, **changed: str | None) -> dict[str, str]:
    """Return a row about a person and an application of its own, with some cells *changed* or (None) left out."""
    cells = {
        "办件编号": f"BJ-{at:04}",
        "姓名": f"演示甲{at}",
        "身份证号": number(at),
        "所属镇街": "闻韶街道",
        "事项名称": "演示事项一",
        "申请日期": "2026-02-02",
        "受理日期": "2026-02-03",
        **changed,
    }
    return {header: text for header, text in cells.items() if text is not None}


def person(at: int, **changed: str | None) -> dict[str, str]:
    """Return a row about a person."""
    cells = {"姓名": f"演示甲{at}", "身份证号": number(at), "住址": "临淄区闻韶街道示例路1号", **changed}
    return {header: text for header, text in cells.items() if text is not None}


async def with_matters(services: Services) -> Services:
    """Put down what the departments handle."""
    rows = [
        {"code": code, "name_zh": name, "name_en": code, "department_code": of, "sector_code": "approval"}
        for code, (of, name) in MATTERS.items()
    ]
    async with services.database.writing() as session:
        await session.execute(insert(tables.matters), rows)
    return services


async def take(
    services: Services, path, kind: str, actor: Actor = CLERK, mode: ImportMode = ImportMode.ALL, *, dry_run=False
) -> ImportReport:
    return await import_file(services, path, actor, kind=kind, mode=mode, dry_run=dry_run)
