"""One table of values, every entrance: each says the same of a value, with the same code [5.1.3] [5.1.6]."""

import re
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, Final

import pytest

from credit.file_formats import case_columns as h
from gateway.import_export.files.xlsx_writer import workbook_of
from gateway.import_export.importing.report import ImportReport
from gateway.import_export.importing.run import ImportMode
from tests.credit.subjects.synthetic_numbers import id_number, row, social_credit_code, spaced, wide
from tests.gateway.import_export.conftest import furnished
from tests.gateway.import_export.synthetic_cases import number, put, sheet, take
from tests.journeys.accounts.test_linking import CLAIMS, post, sign_up
from tests.journeys.cases.test_collection import COLLECT, asked
from tests.journeys.entrances.values import TAKEN, VALUES, Kind, Value
from tests.journeys.guard.test_from_the_number import PROBLEMS
from tests.journeys.platform.test_pushed_cases import push, pushed
from tests.journeys.running_server import RunningServer, open_server
from tests.schema.service import settings_for

Said = tuple[str, ...]
"""The codes that an entrance gives for one value; `taken` for one that it takes in."""

NAME: Final = "演示甲"
COMPANY: Final = "演示第一百货店有限公司"
ORGANISATIONS: Final = {Kind.ORGANISATION_NAME, Kind.CREDIT_CODE, Kind.ORGANISATION_KIND}

_PEOPLE = count(1)


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody who has the number that nobody else has."""

    number: str
    code: str
    n: int

    def fill(self, text: str) -> str:
        """Put the numbers of this party in place of `{id}` and `{code}`, changed as the table says."""
        given = text.replace("{n}", f"{self.n:04}")
        return re.sub(r"\{(id|code):?([^}]*)\}", lambda found: self._changed(found[1], found[2]), given)

    def _changed(self, which: str, how: str) -> str:
        plain = self.number if which == "id" else self.code
        word, _, value = how.partition(" ")
        if word == "region":
            return id_number(area=value, sequence=self.number[14:17])
        if word == "born":
            return id_number(born=value, sequence=self.number[14:17])
        if word == "division":
            return social_credit_code(area=value)
        if word == "type":
            return social_credit_code(value)
        return CHANGES[how](plain)


CHANGES: Final[Mapping[str, Callable[[str], str]]] = {
    "": lambda text: text,
    "spaced": spaced,
    "wide": wide,
    "soft hyphens": "\xad".join,
    "hyphens": lambda text: f"{text[:6]}-{text[6:14]}-{text[14:]}",
    "X as ×": lambda _: _ending_in_x().replace("X", "×"),
    "x": lambda _: _ending_in_x().lower(),
    "lower": str.lower,
    "wrong": lambda text: text[:-1] + ("0" if text[-1] != "0" else "1"),
    "short": lambda text: text[:-1],
    "masked": lambda text: f"{text[:6]}********{text[14:]}",
    "old": lambda text: text[:6] + text[8:17],
}


def _ending_in_x() -> str:
    return next(found for at in _PEOPLE if (found := number(at)).endswith("X"))


def party() -> Party:
    at = next(_PEOPLE)
    return Party(number(at), social_credit_code(body=f"MA{at:06}"), at)


# --- what each entrance is given ------------------------------------------------------------------------------------

IN_A_FILE: Final = {
    Kind.PERSON_NAME: "姓名",
    Kind.ORGANISATION_NAME: "姓名",
    Kind.ID_NUMBER: "证件号码",
    Kind.CREDIT_CODE: "证件号码",
    Kind.TELEPHONE: "联系电话",
    Kind.ADDRESS: "住址",
    Kind.DOCUMENT_NUMBER: "案件编号",
    Kind.LINE: "认定依据",
    Kind.FREE_TEXT: "失信事实",
    Kind.DAY_IN_A_FILE: "认定日期",
    Kind.SUBJECT_KIND: "主体类型",
    Kind.ORGANISATION_KIND: "主体类型",
}
IN_A_PUSH: Final = {
    Kind.PERSON_NAME: "name",
    Kind.ORGANISATION_NAME: "name",
    Kind.ID_NUMBER: "identifier",
    Kind.CREDIT_CODE: "identifier",
    Kind.TELEPHONE: "phone",
    Kind.ADDRESS: "address",
    Kind.DOCUMENT_NUMBER: "number",
    Kind.REFERENCE: "evidence",
    Kind.LINE: "basis",
    Kind.FREE_TEXT: "facts",
    Kind.DAY_IN_JSON: "occurred_on",
    Kind.SUBJECT_KIND: "kind",
    Kind.ORGANISATION_KIND: "kind",
}
IN_GRAPHQL: Final = {
    Kind.PERSON_NAME: "person.name",
    Kind.ORGANISATION_NAME: "person.name",
    Kind.ID_NUMBER: "person.number",
    Kind.CREDIT_CODE: "person.number",
    Kind.TELEPHONE: "person.phone",
    Kind.ADDRESS: "person.address",
    Kind.DOCUMENT_NUMBER: "number",
    Kind.REFERENCE: "evidence",
    Kind.LINE: "basis",
    Kind.FREE_TEXT: "facts",
    Kind.DAY_IN_JSON: "occurredOn",
}


OF_A_SUBJECT: Final = (
    Kind.PERSON_NAME,
    Kind.ORGANISATION_NAME,
    Kind.ID_NUMBER,
    Kind.CREDIT_CODE,
    Kind.TELEPHONE,
    Kind.ADDRESS,
)
IN_A_TOKEN: Final = {
    Kind.PERSON_NAME: "identity.name",
    Kind.ORGANISATION_NAME: "corp_name",
    Kind.ID_NUMBER: "identity.number",
    Kind.CREDIT_CODE: "uscc",
}


def name_for(value: Value) -> str:
    return value.name or (COMPANY if value.kind in ORGANISATIONS else NAME)


def of(kinds: Mapping[Kind, str]) -> list[Value]:
    return [value for value in VALUES if value.kind in kinds]


def cells_of(value: Value, line: int) -> dict[str, str]:
    """Return a row of a file with *value* in it."""
    who = party()
    is_organisation = value.kind in ORGANISATIONS
    cells = {
        **row(身份证号=None),
        "姓名": name_for(value),
        "主体类型": "法人" if is_organisation else "自然人",
        "证件号码": who.code if is_organisation else who.number,
        "案件编号": f"值-2026-{line}",
    }
    return cells | {IN_A_FILE[value.kind]: who.fill(value.text)}


def message_of(value: Value, at: int) -> dict[str, Any]:
    """Return a message of the platform with *value* in it."""
    who = party()
    is_organisation = value.kind in ORGANISATIONS
    item, text = IN_A_PUSH[value.kind], who.fill(value.text)
    return pushed(
        name=name_for(value),
        kind="法人" if is_organisation else "自然人",
        identifier=who.code if is_organisation else who.number,
        number=f"值-推-{at}",
    ) | {item: [text] if value.kind is Kind.REFERENCE else text}


def input_of(value: Value, server: RunningServer, at: int) -> dict[str, Any]:
    """Return the input of a collection with *value* in it."""
    given: dict[str, Any] = {"subject": None, "person": person_of(value, server), "number": f"值-图-{at}"}
    if value.kind not in OF_A_SUBJECT:
        text = party().fill(value.text)
        given[IN_GRAPHQL[value.kind]] = [text] if value.kind is Kind.REFERENCE else text
    return given


def person_of(value: Value, server: RunningServer) -> dict[str, Any]:
    """Return the particulars of somebody with *value* among them."""
    who = party()
    is_organisation = value.kind in ORGANISATIONS
    person = dict(server.world.party("person-1").document) | {
        "kind": "LEGAL_PERSON" if is_organisation else "NATURAL_PERSON",
        "name": name_for(value),
        "number": who.code if is_organisation else who.number,
    }
    if value.kind in OF_A_SUBJECT:
        person[IN_GRAPHQL[value.kind].removeprefix("person.")] = who.fill(value.text)
    return person


def claims_of(value: Value) -> dict[str, Any]:
    """Return the claims of an identity platform with *value* among them."""
    who = party()
    if value.kind in ORGANISATIONS:
        claims: dict[str, Any] = {"corp_name": COMPANY, "uscc": who.code}
        return claims | {IN_A_TOKEN[value.kind]: who.fill(value.text)}
    identity = {"name": name_for(value), "number": who.number}
    return {"identity": identity | {IN_A_TOKEN[value.kind].removeprefix("identity."): who.fill(value.text)}}


# --- what each entrance says ----------------------------------------------------------------------------------------


def said_by(report: ImportReport, rows: list[dict[str, str]], *, is_workbook: bool) -> list[Said]:
    # A file leaves a telephone that is none out, with a warning.
    told = [*report.warnings, *report.refused]
    refused = {row.line: tuple(problem.code for problem in row.problems) for row in told}
    longer = [0 if is_workbook else "".join(one.values()).count("\n") for one in rows]
    return [refused.get(at + 2 + sum(longer[:at]), (TAKEN,)) for at in range(len(rows))]


def compare(values: list[Value], said: list[Said]) -> None:
    """Fail with every value of which something else is said."""
    others = [
        f"{value.text!r} ({value}): {', '.join(codes)} instead of {value.code}"
        for value, codes in zip(values, said, strict=True)
        if set(codes) != {value.code}
    ]
    if others:
        pytest.fail("\n".join(others), pytrace=False)


@pytest.fixture
async def linking_server(sqlite_url: str, kek: Path) -> AsyncIterator[RunningServer]:
    """Give a server that links accounts, with sample data of its own."""
    async with open_server(settings_for(kek, sqlite_url, LOG_FORMAT="json", **CLAIMS)) as opened:
        yield opened


@pytest.mark.parametrize("is_workbook", [False, True], ids=["csv", "xlsx"])
async def test_a_file_says_it(sqlite_url: str, tmp_path: Path, *, is_workbook: bool) -> None:
    values = of(IN_A_FILE)
    rows = [cells_of(value, line) for line, value in enumerate(values)]
    path = put(tmp_path, sheet(*rows))
    if is_workbook:
        header = list(dict.fromkeys(name for one in rows for name in one))
        book = workbook_of("x", header, [[one.get(name, "") for name in header] for one in rows])
        path = put(tmp_path, book, "cases.xlsx")
    async with furnished(sqlite_url, tmp_path) as services:
        report = await take(services, path, mode=ImportMode.PER_ROW)
    compare(values, said_by(report, rows, is_workbook=is_workbook))


async def test_the_platform_is_told_it(shared_server: RunningServer) -> None:
    values = of(IN_A_PUSH)
    said = []
    for at, value in enumerate(values):
        reply = push(shared_server, message_of(value, at), key=f"value-{at}").json()
        told = reply.get("reasons", ()) or reply["warnings"]
        said.append(tuple(reason["code"] for reason in told) or (TAKEN,))
    compare(values, said)


async def test_graphql_says_it(shared_server: RunningServer) -> None:
    values = of(IN_GRAPHQL)
    compare(values, [said_in_graphql(shared_server, value, at) for at, value in enumerate(values)])


def said_in_graphql(server: RunningServer, value: Value, at: int) -> Said:
    given = {"i": asked(server, **input_of(value, server, at))}
    reply = server.ask("handler", COLLECT, given, headers={"Access-Purpose": "DETERMINATION"})
    if reply.data is None:
        # A value that is no Date of the schema is refused before anything runs, whatever its flaw.
        assert (value.kind, reply.codes) == (Kind.DAY_IN_JSON, {"BAD_USER_INPUT"})
        return (value.code,)
    done = reply.data["collectCase"]
    if "problems" in done:
        return tuple(problem["code"] for problem in done["problems"])
    return (TAKEN,) if done["__typename"] == "CaseChanged" else (done["__typename"],)


async def test_the_window_says_it(shared_server: RunningServer) -> None:
    values = of(dict.fromkeys(OF_A_SUBJECT, ""))
    said = []
    for value in values:
        given = person_of(value, shared_server)
        done = shared_server.ask("clerk", PROBLEMS, {"i": given}).data["registerSubject"]
        problems = tuple(problem["code"] for problem in done.get("problems", ()))
        said.append(problems or ((TAKEN,) if done["__typename"] == "SubjectRegistered" else (done["__typename"],)))
    compare(values, said)


async def test_a_token_says_it(linking_server: RunningServer) -> None:
    """A claim that says nothing is none, and its token names nobody."""
    values = [value for value in of(IN_A_TOKEN) if value.text]
    said = []
    for at, value in enumerate(values):
        sign_up(linking_server, f"account-{at}", **claims_of(value))
        reply = post(linking_server, f"account-{at}")
        problems = reply.json().get("errors", [{}])[0].get("extensions", {}).get("problems", "")
        said.append(tuple(re.findall(r":(\w+)", problems)) or ((TAKEN,) if reply.is_success else (reply.text,)))
    compare(values, said)


def test_every_kind_has_an_entrance() -> None:
    assert {*IN_A_FILE, *IN_A_PUSH, *IN_GRAPHQL} == set(Kind) == {value.kind for value in VALUES}
    assert h.BASIC.read_headers([*row(身份证号=None), "证件号码"]).ignored == ()
