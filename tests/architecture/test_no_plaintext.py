"""Marked personal data goes through every journey, and is then searched for in every place where it must not be.

A number, name, telephone, address or fact is not in the database file, not in its write-ahead log, not in the log
lines, not in an error, and not in an access entry: not as it was typed, not in UTF-16, not in base64 or hexadecimal,
and not as an unkeyed hash, which for a number is as good as the number itself.
"""

import sqlite3
from base64 import b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from hashlib import md5, sha1, sha256
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import LargeBinary, select, text

from consent.vocabulary import Purpose
from gateway.import_export.exporting.export_form import export_file
from gateway.import_export.importing.run import ImportMode, import_file
from gateway.services import build_services
from policy.actors import Actor, Role
from queryplan.entities import Entity
from schema.core.global_ids import decode, encode
from storage.tables import metadata
from tests.builders import ACTORS, SCJG, TODAY, WENSHAO
from tests.credit.subjects.synthetic_numbers import id_number, row, social_credit_code, spaced, wide
from tests.gateway.import_export.synthetic_cases import sheet
from tests.journeys.running_server import Reply, RunningServer
from tests.journeys.support.documents import (
    CHECK,
    CONTEST,
    GRANT,
    LOG,
    MINE,
    PAPER,
    REFUSE,
    REGISTER,
    REQUEST,
    WITHDRAW,
)

AREA = encode(Entity.AREA, WENSHAO)
UNTIL = TODAY.replace(day=28).isoformat()


@dataclass(frozen=True)
class Marked:
    """Somebody whose every particular occurs nowhere else."""

    kind: str
    name: str
    number: str
    phone: str
    address: str

    @property
    def input(self) -> dict[str, str]:
        return {
            "kind": self.kind, "name": self.name, "number": self.number, "area": AREA, "phone": self.phone,
            "address": self.address,
        }  # fmt: skip


PERSON = Marked(
    "NATURAL_PERSON", "演示暗记甲", id_number(born="19110607", sequence="981"), "13977700001", "临淄区暗记路一号"
)
TRADER = Marked(
    "SOLE_TRADER", "暗记乙烧烤店", social_credit_code("92", body="MA9MARK1"), "13977700002", "临淄区暗记路二号"
)
IMPORTED = Marked(
    "NATURAL_PERSON", "演示暗记丙", id_number(born="19120708", sequence="982"), "13977700003", "临淄区暗记路三号"
)
REFUSED = Marked(
    "NATURAL_PERSON", "演示暗记丁", id_number(born="19100203", sequence="983"), "13977700004", "临淄区暗记路四号"
)
FACTS = "暗记的失信事实，提供的证明经核实为虚假"


@cache
def forms() -> Mapping[tuple[str, str], tuple[bytes, bytes]]:
    """Give each mark in each way of writing, as it is and in small letters."""
    return {(name, how): (form, form.lower()) for name, mark in marks().items() for how, form in written(mark)}


def marks() -> dict[str, str]:
    """What is looked for: each particular, and of each the part that no mask shows."""
    found = {"facts": FACTS}
    for one in (PERSON, TRADER, IMPORTED, REFUSED):
        who = one.name
        found |= {
            f"name of {who}": one.name, f"the given name of {who}": one.name[1:], f"number of {who}": one.number,
            f"the inner number of {who}": one.number[1:-1], f"telephone of {who}": one.phone,
            f"address of {who}": one.address,
        }  # fmt: skip
    return found


def written(mark: str) -> Iterator[tuple[str, bytes]]:
    """Give every way in which *mark* could have been written down."""
    plain = mark.encode()
    yield "UTF-8", plain
    yield "UTF-16LE", mark.encode("utf-16-le")
    yield "UTF-16BE", mark.encode("utf-16-be")
    yield "GB18030", mark.encode("gb18030")
    yield "JSON escapes", mark.encode("unicode_escape")
    yield "base64", b64encode(plain).rstrip(b"=")[:-1]
    yield "hexadecimal", plain.hex().encode()
    yield "full-width", wide(mark).encode() if mark.isascii() else plain
    yield "in groups", spaced(mark).encode() if mark.isascii() else plain
    for name, algorithm in (("SHA-256", sha256), ("SHA-1", sha1), ("MD5", md5)):
        yield name, algorithm(plain).digest()
        yield f"{name} in hexadecimal", algorithm(plain).hexdigest().encode()


def found_in(content: bytes) -> set[tuple[str, str]]:
    """Give which marks stand in *content*, and how written."""
    lowered = content.lower()
    return {which for which, (form, small) in forms().items() if form in content or small in lowered}


@dataclass
class Walked:
    """A server after all journeys: the errors on the way, and what was shown to whom."""

    server: RunningServer
    errors: list[bytes] = field(default_factory=list)
    shown: list[bytes] = field(default_factory=list)

    def ask(self, who: str, query: str, variables: Mapping[str, object] | None = None, **more: Any) -> Reply:
        reply = self.server.ask(who, query, variables, **more)
        self.shown.append(reply.response.content)
        self.errors += [str(error).encode() for error in reply.errors]
        self.errors += [str(value).encode() for value in reply.response.headers.items()]
        return reply


def register(walked: Walked, marked: Marked, who: str) -> str:
    done = walked.ask("clerk", REGISTER, {"input": marked.input}).data["registerSubject"]
    assert done["__typename"] == "SubjectRegistered", done
    (subject_id,) = decode(done["subjectId"]).keys
    walked.server.know(who, Actor(f"account-{who.replace(' ', '-')}", Role.SUBJECT, subject=subject_id))  # type: ignore[arg-type]  # a UUID, by its entity
    return str(done["subjectId"])


def literally(number: str) -> str:
    """Give the check with the number written into the document, against all advice."""
    return CHECK.replace("$number: String!, ", "").replace("number: $number", f'number: "{number}"')


def by_consent(walked: Walked, marked: Marked, who: str, subject: str) -> None:
    """Ask, grant, ask again, refuse, ask too early, read, record from paper, contest, withdraw."""
    kind = "ID_NUMBER" if marked.kind == "NATURAL_PERSON" else "SOCIAL_CREDIT_CODE"
    number = {"number": marked.number, "kind": kind}
    given = {"subject": subject, "purpose": "CREDIT_CHECK", "expiresOn": UNTIL, "uses": 3}
    walked.ask("clerk", CHECK, number)
    held = {}
    for answer in (GRANT, REFUSE):  # in this order: what was refused may not be asked for again at once [5.1.6]
        asked = walked.ask("clerk", REQUEST, {"input": given}).data["requestAuthorisation"]["authorisation"]
        walked.ask(who, answer, {"input": {"authorisation": asked["id"]}})
        held[answer] = asked["id"]
    assert "authorisation" not in walked.ask("clerk", REQUEST, {"input": given}).data["requestAuthorisation"]
    assert walked.ask("clerk", CHECK, number).data["subjectByIdentifier"]["name"] == marked.name
    walked.ask("clerk", literally(marked.number), {"kind": kind})
    paper = walked.ask("clerk", PAPER, {"input": given | {"evidence": "卷宗-2026-0077", "signedOn": TODAY.isoformat()}})
    walked.ask("clerk", PAPER, {"input": given | {"evidence": marked.number, "signedOn": TODAY.isoformat()}})
    walked.ask(
        who, CONTEST, {"input": {"authorisation": paper.data["recordPaperAuthorisation"]["authorisation"]["id"]}}
    )
    walked.ask(who, WITHDRAW, {"input": {"authorisation": held[GRANT]}})
    walked.ask(who, MINE)
    walked.ask(who, LOG)
    own = walked.ask(
        who,
        "query @purpose(is: SELF_ACCESS) { mySubject { name identifier phone address "
        "... on NaturalPerson { identifierRevealed } } }",
    )
    assert own.data["mySubject"]["phone"] == marked.phone


def misplaced(walked: Walked) -> None:
    """Put the particulars where they do not belong."""
    for item in (REFUSED.number, REFUSED.name, f"{REFUSED.number[:-1]}{'0' if REFUSED.number[-1] != '0' else '1'}"):
        walked.ask("clerk", CHECK, {"number": item})
        walked.ask("clerk", CHECK, {"number": [item]})
        walked.ask("clerk", CHECK, {"number": "x", "kind": item})
        walked.ask("clerk", REGISTER, {"input": REFUSED.input | {"kind": item}})
        walked.ask("clerk", REGISTER, {"input": REFUSED.input | {"name": REFUSED.number, "number": item[:-1]}})
        walked.ask("clerk", f'{{ viewer(of: "{item}") {{ ref }} }}')
        walked.ask("clerk", f'{{ "{item}" }}')
        walked.ask("clerk", "{ viewer { ref } }", headers={"Access-Purpose": item.encode("utf-8", "replace").hex()})
        walked.ask("clerk", "query A { viewer { ref } }", operationName=item)
        walked.ask("regulator", "query($i: ID!) @purpose(is: FOCUSED_CHECK) { node(id: $i) { id } }", {"i": item})
        walked.server.send({}, "GET", params={"query": "{ viewer { ref } }", "note": item})
        walked.server.client.get(f"/people/{item}")
        walked.server.client.post(
            "/graphql", content=f"{item}{{".encode(), headers={"Content-Type": "application/json"}
        )
        walked.server.client.get(
            "/graphql", headers={"X-Request-Id": item.encode().hex(), "Authorization": f"Bearer {item.encode().hex()}"}
        )


async def by_file(walked: Walked, folder: Path) -> None:
    """Take a file in, one good row and one that is refused, and write restraints out again."""
    server = walked.server
    base = {
        "所属镇街": "闻韶街道", "认定单位": "临淄区市场监督管理局", "失信事实": FACTS, "认定日期": None,
        "公布日期": None, "有效期": None, "法律文书": None, "案件编号": "LZ-2026-9001", "办件编号": None,
    }  # fmt: skip
    good = row(**base, 姓名=IMPORTED.name, 身份证号=IMPORTED.number, 住址=IMPORTED.address, 联系电话=IMPORTED.phone)
    bad = row(
        **base | {"案件编号": "LZ-2026-9002"},
        姓名=REFUSED.name,
        身份证号=REFUSED.number[:-1] + "?",
        住址=REFUSED.address,
        联系电话=REFUSED.phone,
    )
    file = folder / "cases.csv"
    file.write_text(sheet(good, bad), encoding="utf-8")
    services = build_services(server.settings, server.clock)
    try:
        report = await import_file(services, file, Actor("handler-1", Role.HANDLER, SCJG), mode=ImportMode.PER_ROW)
        walked.errors.append(str(report.facts()).encode())
        walked.errors.append(str(report.refused).encode())
        assert report.refused, report.facts()
        again = await import_file(services, file, Actor("handler-1", Role.HANDLER, SCJG), mode=ImportMode.PER_ROW)
        walked.errors.append(str(again.facts()).encode())
        for who, purpose in (("handler", "DETERMINATION"), ("regulator", "FOCUSED_CHECK")):
            out = folder / f"{who}.csv"
            await export_file(services, out, ACTORS[who], Purpose(purpose))
            walked.shown.append(out.read_bytes())
    finally:
        await services.close()


async def walk(server: RunningServer, folder: Path) -> Walked:
    walked = Walked(server)
    for marked, who in ((PERSON, "marked person"), (TRADER, "marked trader")):
        subject = register(walked, marked, who)
        assert register(walked, marked, who) == subject
        by_consent(walked, marked, who, subject)
    misplaced(walked)
    await by_file(walked, folder)
    for who, purpose in (
        ("handler", "DETERMINATION"),
        ("platform", "PLATFORM_EXCHANGE"),
        ("regulator", "FOCUSED_CHECK"),
    ):
        cases = "{ restraintCases(first: 50) { nodes { number facts subject { name identifier phone address } } } }"
        walked.ask(who, cases, headers={"Access-Purpose": purpose})
    walked.ask("anonymous", "query @purpose(is: PUBLICITY) { publicRestraintList { nodes { subject { name } } } }")
    return walked


async def stored(server: RunningServer) -> dict[str, bytes]:
    """Give what the database holds: its files where it has any, and every value of every table."""
    held: dict[str, bytes] = {}
    if server.database.dialect.name == "sqlite":
        path = Path(server.settings.database_url.removeprefix("sqlite:///"))
        held = {each.name: each.read_bytes() for each in path.parent.glob(f"{path.name}*")}
        assert f"{path.name}-wal" in held
        with sqlite3.connect(path) as connection:
            held["dump"] = "\n".join(connection.iterdump()).encode()
        connection.close()
    async with server.database.snapshot() as session:
        for table in metadata.sorted_tables:
            rows = await session.fetch(select(table))
            held[table.name] = b"\n".join(
                b"\t".join(value if isinstance(value, bytes) else str(value).encode() for value in row) for row in rows
            )
    return held


@pytest.mark.slow
async def test_no_particular_of_anybody_is_written_down_in_clear(server: RunningServer, tmp_path: Path) -> None:
    walked = await walk(server, tmp_path)

    # Else there would be nothing to find.
    shown = b"\n".join(walked.shown)
    assert {name for name, how in found_in(shown) if how == "UTF-8"} >= {
        f"name of {PERSON.name}", f"number of {PERSON.name}", f"telephone of {TRADER.name}", f"name of {IMPORTED.name}",
        f"number of {IMPORTED.name}", "facts",
    }  # fmt: skip
    held = await stored(server)
    assert b"\xe6\xbc\x94\xe7\xa4\xba\xe5\x95\x86\xe8\xb4\xb8" in b"".join(held.values()), (
        "a company's name is published"
    )

    for place, content in held.items():
        assert found_in(content) == set(), place
    assert found_in(server.lines.getvalue().encode()) == set()
    assert server.lines.events()
    for error in walked.errors:
        assert found_in(error) == set(), error


async def test_the_search_finds_what_is_there(server: RunningServer) -> None:
    """The same search, over a database in which somebody did write a name and a number down."""
    async with server.database.writing() as session:
        await session.execute(
            text("UPDATE subjects SET name_mask = :name, registered_by = :number"),
            {"name": PERSON.name, "number": sha256(PERSON.number.encode()).hexdigest()},
        )
    found = found_in((await stored(server))["subjects"])
    assert (f"name of {PERSON.name}", "UTF-8") in found
    assert (f"number of {PERSON.name}", "SHA-256 in hexadecimal") in found


def test_every_column_of_bytes_is_sealed_keyed_or_salted() -> None:
    """Bytes that nobody looks into are where a number could hide."""
    known = {
        "wrapped", "term", "salt", "seed", "opened", "leaf_hash", "code_hash", "digest", "body_hash", "account",
        "check_value", "leaves", "leaf", "sources", "owners", "parts", "tag", "last_tag", "edge",
        "consent_edge", "access_edge", "hash", "root", "label", "secret", "commitment", "withheld",
        "state_hash", "browser_hash", "cookie_hash",
    }  # fmt: skip
    for table in metadata.sorted_tables:
        for column in table.c:
            if isinstance(column.type, LargeBinary):
                assert column.name in known or column.name.endswith("_sealed"), f"{table.name}.{column.name}"


@pytest.mark.parametrize("how", ["UTF-8", "UTF-16LE", "UTF-16BE", "GB18030", "base64", "hexadecimal", "in groups"])
def test_a_mark_is_found_however_it_is_written(how: str) -> None:
    form = dict(written(PERSON.number))[how]
    assert (f"number of {PERSON.name}", how) in found_in(b"before " + form + b" after")
