"""A batch consultation by file: CSV in both encodings, and workbooks; line numbers and replies come out [5.2.3]."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from credit.consultations.consultation import ConsultationKind, Reply
from gateway.import_export.consult_batch import HEADER, ConsultationQuestion, consult_file
from gateway.import_export.errors import ExchangeRefused
from gateway.import_export.files.detect import examine, records_of
from gateway.import_export.files.xlsx_writer import workbook_of
from policy.actors import Actor
from storage import tables
from tests.builders import ACTORS, live_authorisation
from tests.databases import on_sqlite
from tests.schema.service import ServiceUnderTest, open_service, settings_for

AWARD = ConsultationQuestion(ConsultationKind.AWARD, "评优-2026-01")
GUILD, HEAD = ACTORS["association"], ACTORS["head"]
COLUMNS = ("序号", "身份证号", "统一社会信用代码")


@pytest.fixture
async def service(database_url: str, kek: Path) -> AsyncIterator[ServiceUnderTest]:
    async with open_service(settings_for(kek, database_url)) as opened:
        for name in ("person-1", "club-1"):
            await live_authorisation(opened.services.database, opened.world, opened.world.party(name), by=GUILD)
        yield opened


def rows(service: ServiceUnderTest) -> list[tuple[str, str, str]]:
    world = service.world
    return [
        ("1", world.party("person-1").number, ""),
        ("2", "", world.party("club-1").number),
        ("3", world.party("person-2").number, ""),
        ("4", "370305190002289904", ""),
    ]


def source(service: ServiceUnderTest, folder: Path, form: str) -> Path:
    path = folder / ("names.xlsx" if form == "xlsx" else "names.csv")
    if form == "xlsx":
        path.write_bytes(workbook_of("名单", COLUMNS, rows(service)))
    else:
        text = "".join(",".join(row) + "\r\n" for row in (COLUMNS, *rows(service)))
        path.write_bytes(text.encode(form))
    return path


@pytest.mark.sampled
@pytest.mark.parametrize("form", ["utf-8", "utf-8-sig", "gb18030", "xlsx"])
@on_sqlite
async def test_line_numbers_and_replies_come_out_and_nothing_else(
    service: ServiceUnderTest, tmp_path: Path, form: str
) -> None:
    output = tmp_path / "replies.csv"
    done = await consult_file(service.services, source(service, tmp_path, form), output, GUILD, AWARD)
    assert done.counts == {Reply.RESTRAINED: 1, Reply.NOT_RESTRAINED: 1, Reply.NO_AUTHORISATION: 2}
    replies = [Reply.RESTRAINED, Reply.NOT_RESTRAINED, Reply.NO_AUTHORISATION, Reply.NO_AUTHORISATION]
    expected = [HEADER, *((str(line), reply.zh) for line, reply in enumerate(replies, start=2))]
    text = output.read_text(encoding="utf-8-sig")
    assert [tuple(line.split(",")) for line in text.splitlines()] == expected
    assert all(number not in text for row in rows(service) for number in row[1:] if number)


async def test_a_workbook_comes_out_where_one_is_asked_for(service: ServiceUnderTest, tmp_path: Path) -> None:
    output = tmp_path / "replies.xlsx"
    asking = ConsultationQuestion(ConsultationKind.RATING, "评级-2026-03", "示例条例第七条")
    await consult_file(service.services, source(service, tmp_path, "xlsx"), output, HEAD, asking)
    found = [tuple(cells) for _, cells in records_of(examine(output))]
    assert found[0] == HEADER
    assert [reply for _, reply in found[1:]] == [
        Reply.RESTRAINED.zh, Reply.NOT_RESTRAINED.zh, Reply.RESTRAINED.zh, Reply.NOT_RESTRAINED.zh
    ]  # fmt: skip


async def test_running_it_again_uses_nothing_twice(service: ServiceUnderTest, tmp_path: Path) -> None:
    names, output = source(service, tmp_path, "utf-8"), tmp_path / "replies.csv"
    first = await consult_file(service.services, names, output, GUILD, AWARD)
    assert await consult_file(service.services, names, output, GUILD, AWARD, replace=True) == first
    row = tables.authorisations.c
    used = await service.services.database.fetch(
        select(func.max(row.uses_made)).where(row.recipient_code == str(GUILD.department))
    )
    assert used[0][0] == 1


@pytest.mark.parametrize(
    ("why", "content", "code", "line"),
    [
        ("no column of numbers", "序号,名称\r\n1,演示\r\n", "MISSING_COLUMNS", None),
        ("a line with two numbers", "身份证号,统一社会信用代码\r\n370305190002289904,91\r\n", "ONE_NUMBER", 2),
        ("a line with none", "序号,身份证号\r\n1,\r\n", "ONE_NUMBER", 2),
        ("a number that is none", "身份证号\r\n370305190002289904\r\n370305190002289905\r\n", "INVALID_ID_NUMBER", 3),
        ("nobody", "身份证号\r\n", "NOBODY_NAMED", None),
    ],
)
async def test_what_is_refused_writes_nothing(
    service: ServiceUnderTest, tmp_path: Path, why: str, content: str, code: str, line: int | None
) -> None:
    names, output = tmp_path / "names.csv", tmp_path / "replies.csv"
    names.write_bytes(content.encode())
    with pytest.raises(ExchangeRefused) as refused:
        await consult_file(service.services, names, output, GUILD, AWARD)
    assert (refused.value.code, refused.value.line) == (code, line), why
    assert "3703051900" not in str(refused.value)
    assert not output.exists()


async def test_an_actor_without_permission_gets_the_refusal_of_the_service(
    service: ServiceUnderTest, tmp_path: Path
) -> None:
    clerk: Actor = ACTORS["clerk"]
    with pytest.raises(ExchangeRefused) as refused:
        await consult_file(service.services, source(service, tmp_path, "utf-8"), tmp_path / "replies.csv", clerk, AWARD)
    assert refused.value.code == "ROOT_REFUSED"
