"""The documents of a case, over HTTP: issued, fetched by their subject, checked by anybody [A] [5.1.4]."""

import re
import shutil
from base64 import b64decode
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import pytest
from pypdf import PdfReader
from sqlalchemy import select

from gateway.notices.render import TEMPLATES
from policy.actors import Actor, Role
from schema.core.global_ids import decode
from storage import tables
from tests.builders import SCJG
from tests.databases import on_both
from tests.gateway.notices.certificate_authority import Authority
from tests.gateway.notices.test_templates_of_departments import SVG
from tests.journeys.cases.test_a_case import PAPER, SHORT, OfCase, february, put
from tests.journeys.cases.test_seven_months import Applicant, heard_in_silence, shanghai
from tests.journeys.running_server import Reply, RunningServer, open_server
from tests.schema.service import settings_for
from tests.storage.access_record import entries_of

pytestmark = pytest.mark.pdf

ISSUE = """mutation($i: IssueNoticeInput!) { issueNotice(input: $i) { __typename
  ... on NoticeIssued { notice { id kind number issuedOn isSigned department { code } } }
  ... on Refusal { code message messageEn } ... on FactsLacking { facts clause } ... on NotYet { until }
  ... on NotPrintable { lacking { fact codePoints } } ... on TemplateBroken { template line }
  ... on NotWellFormed { problems { field code } } ... on TooLate { since } } }"""
CHECK = "query($c: String!) { checkNotice(code: $c) { genuine kind number department issuedOn stands } }"
NUMBER = "临信告〔2026〕7号"
NOBODY = {"genuine": False, "kind": None, "number": None, "department": None, "issuedOn": None, "stands": None}
PURPOSE = {"handler": "DETERMINATION", "head": "DETERMINATION", "reviewer": "REVIEW"}


class NoticeSteps(OfCase):
    """Issues documents of one case, fetches them, and checks their codes."""

    def issue(self, who: str, at: datetime, kind: str, **given: Any) -> dict[str, Any]:
        self.server.clock.at = at
        purpose = PURPOSE.get(who.rsplit(maxsplit=1)[-1], "SELF_ACCESS")
        variables = {"i": {"case": self.case.gid, "kind": kind, **given}}
        reply = self.server.ask(who, ISSUE, variables, headers={"Access-Purpose": purpose})
        assert not reply.errors, reply.json
        found: dict[str, Any] = reply.data["issueNotice"]
        return found

    def issued(self, who: str, at: datetime, kind: str, **given: Any) -> dict[str, Any]:
        found = self.issue(who, at, kind, **given)
        assert found["__typename"] == "NoticeIssued", found
        notice: dict[str, Any] = found["notice"]
        return notice

    def fetch(self, who: str, gid: str) -> httpx.Response:
        purpose = PURPOSE.get(who.rsplit(maxsplit=1)[-1], "SELF_ACCESS")
        return self.server.client.get(f"/notices/{gid}", headers=self.server.bearer(who) | {"Access-Purpose": purpose})

    def check(self, code: str) -> dict[str, Any]:
        found: dict[str, Any] = self.server.ask("anonymous", CHECK, {"c": code}).data["checkNotice"]
        return found


def text_of(pdf: bytes) -> str:
    return "".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages).replace("\n", "").replace(" ", "")


def code_of(pdf: bytes) -> str:
    found = re.search(r"核验码：((?:[A-Z2-7]{4}-){3}[A-Z2-7]{4})", text_of(pdf))
    assert found
    return found[1]


async def entries(server: RunningServer, subject_id: Any) -> list[tuple[str, set[str]]]:
    return [
        (each["actor_ref"], {shown[0] for shown in each["fields"]})
        for each in await entries_of(server.database)
        if each["subject_id"] == subject_id
    ]


@on_both
async def test_a_notice_is_issued_fetched_and_checked(server: RunningServer) -> None:
    """Handed to its subject with a code that anybody can check, and each read of it is recorded [A] [5.1.4(2)]."""
    notice_steps = NoticeSteps(server, await put(server))
    early = notice_steps.issue("handler", february(9), "NOTICE", number=NUMBER)
    assert (early["__typename"], early["code"]) == ("NotYet", "NOT_VERIFIED")
    notice_steps.done("handler", "verifyCase", february(10), evidence=PAPER, severity=SHORT)

    notice = notice_steps.issued("handler", february(10), "NOTICE", number=NUMBER)
    assert notice | {"id": ""} == {
        "id": "", "kind": "NOTICE", "number": NUMBER, "issuedOn": "2026-02-10", "isSigned": False,
        "department": {"code": SCJG},
    }  # fmt: skip
    recorded = await entries(server, notice_steps.case.subject_id)
    assert any(
        who == "handler-1" and {"NaturalPerson.name", "RestraintCase.facts"} <= fields for who, fields in recorded
    )

    # An open investigation: its subject does not see the document before it is handed over [5.1.4(2)].
    assert notice_steps.fetch("person-1", notice["id"]).status_code == 404
    notice_steps.done("handler", "noticeCase", february(11))
    reply = notice_steps.fetch("person-1", notice["id"])
    assert (reply.status_code, reply.headers["content-type"]) == (200, "application/pdf")
    assert reply.headers["cache-control"] == "no-store"
    assert reply.headers["content-disposition"].startswith("attachment; filename=\"notice.pdf\"; filename*=UTF-8''")
    text = text_of(reply.content)
    assert server.world.party("person-1").name in text
    assert notice_steps.case.facts.replace(" ", "") in text
    readers = [
        who for who, fields in await entries(server, notice_steps.case.subject_id) if "IssuedNotice.pdf" in fields
    ]
    assert readers == [server.world.actor("person-1").ref]

    code = code_of(reply.content)
    found = notice_steps.check(code.lower().replace("-", " "))
    assert found == {
        "genuine": True, "kind": "NOTICE", "number": NUMBER, "department": found["department"],
        "issuedOn": "2026-02-10", "stands": True,
    }  # fmt: skip
    tampered = code[:-1] + ("A" if code[-1] != "A" else "B")
    assert notice_steps.check(tampered) == notice_steps.check("") == NOBODY
    page = server.client.post("/check", data={"code": code})
    assert page.status_code == 200
    assert "文书真实，目前有效" in page.text
    assert NUMBER in page.text
    assert server.world.party("person-1").name not in page.text
    assert "未查到该核验码" in server.client.post("/check", data={"code": tampered}).text
    assert "<form" in server.client.get("/check").text

    notice_steps.done("handler", "dropCase", february(12))
    assert notice_steps.check(code) == found | {"stands": False}
    assert "此后情况已有变化" in server.client.post("/check", data={"code": code}).text


async def test_the_same_number_is_the_same_document_byte_for_byte(server: RunningServer) -> None:
    """And under one key, sent again, nothing is done twice; other facts under it are refused."""
    notice_steps = NoticeSteps(server, await put(server))
    notice_steps.done("handler", "verifyCase", february(10), evidence=PAPER, severity=SHORT)
    once = notice_steps.issued("handler", february(10), "NOTICE", number=NUMBER, idempotencyKey="n-1")
    document = notice_steps.fetch("handler", once["id"]).content
    again = notice_steps.issued("handler", february(12), "NOTICE", number=NUMBER)
    assert again == once
    assert notice_steps.fetch("handler", again["id"]).content == document
    assert notice_steps.issued("handler", february(12), "NOTICE", number=NUMBER, idempotencyKey="n-1") == once
    pdf = server.ask(
        "handler",
        "query($i: ID!) @purpose(is: DETERMINATION) { node(id: $i) { ... on RestraintCase { notices { totalCount nodes "
        "{ id kind pdf } } } } }",
        {"i": notice_steps.case.gid},
    ).data["node"]["notices"]
    assert (pdf["totalCount"], b64decode(pdf["nodes"][0]["pdf"])) == (1, document)
    other = NoticeSteps(server, await put(server, "案-二"))
    other.done("handler", "verifyCase", february(12), evidence=PAPER, severity=SHORT)
    taken = other.issue("handler", february(12), "NOTICE", number=NUMBER)
    assert taken["problems"] == [{"field": "number", "code": "NUMBER_TAKEN"}]
    stale = other.issue("handler", february(12), "NOTICE", number="别号", expectedVersion=7)
    assert (stale["__typename"], stale["code"]) == ("Collision", "VERSION_CONFLICT")


async def test_nobody_else_issues_or_reads(server: RunningServer) -> None:
    """A colleague is refused by name, a stranger finds nothing, and a role without the purpose is refused at once."""
    notice_steps = NoticeSteps(server, await put(server))
    notice_steps.served()
    notice = notice_steps.issued("handler", february(13), "NOTICE", number=NUMBER)
    server.know("elsewhere handler", Actor("handler-5", Role.HANDLER, "LZ-WJJ", "health"))
    colleague = notice_steps.issue("other handler", february(13), "NOTICE", number="别号")
    assert (colleague["__typename"], colleague["code"]) == ("NotTheirs", "NOT_THE_COLLECTOR")
    assert notice_steps.issue("elsewhere handler", february(13), "NOTICE", number="别号")["__typename"] == "NotFound"
    assert notice_steps.issue("reviewer", february(13), "REVIEW_DECISION", number="别号")["__typename"] == "NotFound"
    assert notice_steps.issue("person-2", february(13), "REPAIR_CERTIFICATE")["__typename"] == "NotFound"
    assert notice_steps.issue("person-1", february(13), "NOTICE")["code"] == "NOT_THE_AUTHORITY"
    for who in ("other handler", "elsewhere handler", "person-2", "reviewer"):
        assert notice_steps.fetch(who, notice["id"]).status_code == 404, who
    assert notice_steps.fetch("agent", notice["id"]).status_code == 200  # a recorded delegate
    assert notice_steps.fetch("head", notice["id"]).status_code == 403
    unpurposed = server.client.get(f"/notices/{notice['id']}", headers=server.bearer("person-1"))
    assert (unpurposed.status_code, unpurposed.json()["errors"][0]["extensions"]["code"]) == (400, "PURPOSE_REQUIRED")
    anonymous = server.client.get(f"/notices/{notice['id']}", headers={"Access-Purpose": "SELF_ACCESS"})
    assert anonymous.status_code == 401
    assert notice_steps.fetch("person-1", "no-id").status_code == 400
    assert server.client.post(f"/notices/{notice['id']}").status_code == 405


async def test_what_a_document_needs_is_named(server: RunningServer) -> None:
    """By label, all at once, and nothing is issued [A]."""
    notice_steps = NoticeSteps(server, await put(server))
    notice_steps.served()
    assert notice_steps.issue("handler", february(13), "NOTICE")["problems"] == [
        {"field": "number", "code": "REQUIRED"}
    ]
    assert (
        notice_steps.issue("handler", february(13), "REMINDER", number="催-1")["problems"][0]["code"] == "NOT_OF_A_CASE"
    )
    receipt = notice_steps.issue("handler", february(13), "RECEIPT_OF_SERVICE", number="回-1", means="BY_POST")
    assert (receipt["__typename"], receipt["facts"], receipt["clause"]) == (
        "FactsLacking", ["送达文书文号"], "5.1.4(2)"
    )  # fmt: skip
    assert notice_steps.issue("handler", february(13), "REVIEW_DECISION", number="复-1")["code"] == "NOT_REVIEWED"
    assert notice_steps.issue("handler", february(13), "DETERMINATION", number="认-1")["code"] == "NOT_DETERMINED"
    assert notice_steps.issue("person-1", february(13), "REPAIR_CERTIFICATE")["code"] == "NOT_REPAIRED"
    notice_steps.issued("handler", february(13), "NOTICE", number=NUMBER)
    receipt = notice_steps.issued("handler", february(13), "RECEIPT_OF_SERVICE")
    assert receipt["number"] == f"{NUMBER}（回证）"


async def test_a_review_gives_its_reasons(server: RunningServer) -> None:
    """Upheld, amended or dropped, by the reviewer, with reasons that stand in the document only [5.1.4(4)]."""
    notice_steps = NoticeSteps(server, await put(server))
    notice_steps.served()
    notice_steps.issued("handler", february(13), "NOTICE", number=NUMBER)
    notice_steps.done("person-1", "stateDefence", february(24), evidence=["陈述-1"])
    notice_steps.done("head", "assignReviewer", february(26), reviewer="reviewer-1")
    assert notice_steps.done("reviewer", "reviewCase", february(28), outcome="DROPPED") == "DROPPED"
    lacking = notice_steps.issue("reviewer", february(28), "REVIEW_DECISION", number="临复〔2026〕1号")
    assert lacking["facts"] == ["复核理由"]
    given = {"number": "临复〔2026〕1号", "reasons": "所述属实，行为不成立。"}
    decision = notice_steps.issued("reviewer", february(28), "REVIEW_DECISION", **given)
    pdf = notice_steps.fetch("person-1", decision["id"]).content
    assert "所述属实，行为不成立。" in text_of(pdf)
    assert NUMBER in text_of(pdf)
    assert notice_steps.check(code_of(pdf))["stands"] is True
    assert notice_steps.issue("reviewer", february(28), "NOTICE", number="别号")["code"] == "NOT_THE_COLLECTOR"


@pytest.mark.parametrize("who", ["person-1", "agent", "handler"])
async def test_who_is_repaired_gets_a_certificate(server: RunningServer, who: str) -> None:
    """After the last day in force and not before, by the authority, the subject or its delegate [5.1.5]."""
    notice_steps = NoticeSteps(server, await put(server))
    notice_steps.served()
    notice_steps.issued("handler", february(13), "NOTICE", number=NUMBER)
    document = "临审认字〔2026〕第7号"
    notice_steps.done("handler", "determineCase", february(26), severity=SHORT, legalDocument=document)
    determination = notice_steps.issued("handler", february(26), "DETERMINATION")
    assert determination["number"] == document
    decided = text_of(notice_steps.fetch("person-1", determination["id"]).content)
    assert "自收到本决定书之日起60日内，向淄博市临淄区人民政府申请行政复议" in decided
    assert "自收到本决定书之日起6个月内，依法向淄博市临淄区人民法院提起行政诉讼" in decided
    notice_steps.done("handler", "publishCase", february(26))
    notice_steps.done("handler", "confirmRectification", february(27), evidence=["整改-1"])
    last = datetime(2026, 8, 26, 15, 59, tzinfo=UTC)
    early = notice_steps.issue(who, last, "REPAIR_CERTIFICATE")
    assert (early["code"], early["until"]) == ("NOT_REPAIRED", "2026-08-26")
    after = datetime(2026, 8, 26, 16, 0, tzinfo=UTC)
    may = datetime(2026, 5, 6, tzinfo=UTC)
    other = NoticeSteps(server, await put(server, "案-另", collected_at=may, changed_at=may))
    assert notice_steps.issue(who, after, "REPAIR_CERTIFICATE")["code"] == "NEW_BREACH_OPEN"
    assert other.done("handler", "dropCase", after) == "DROPPED"
    certificate = notice_steps.issued(who, after, "REPAIR_CERTIFICATE")
    assert (certificate["number"], certificate["issuedOn"]) == (f"{document}（修复）", "2026-08-27")
    pdf = notice_steps.fetch("person-1", certificate["id"]).content
    assert "信用已经修复" in text_of(pdf)
    assert notice_steps.check(code_of(pdf))["stands"] is True
    assert notice_steps.check(code_of(notice_steps.fetch("person-1", determination["id"]).content))["stands"] is False
    # Asked for by anybody of them again, and later: the same document.
    later = datetime(2026, 10, 1, tzinfo=UTC)
    assert notice_steps.issued("person-1", later, "REPAIR_CERTIFICATE") == certificate
    if who != "handler":
        own = notice_steps.issue(who, later, "REPAIR_CERTIFICATE", number="自编号")
        assert own["problems"] == [{"field": "number", "code": "NOT_YOURS"}]


async def test_a_certificate_is_of_one_end(server: RunningServer) -> None:
    """[5.1.5] A breach of the period is determined after its end and brings the case back: after that end a second."""
    applicant = Applicant(server, "2025-10-13")
    old = applicant.collected("案-旧", "2025-10-13", occurredOn="2025-10-09")
    heard_in_silence(old, "2025-10-15", "2025-10-20", "2025-10-31")
    old.done("handler", "confirmRectification", shanghai("2025-12-01"), evidence=["整改-1"])
    subject_id, case_id = decode(old.gid).keys
    case = replace(server.world.case("in-force"), subject_id=subject_id, case_id=case_id)
    notices = NoticeSteps(server, case)
    first = notices.issued("applicant", shanghai("2026-05-01"), "REPAIR_CERTIFICATE")
    code = code_of(notices.fetch("applicant", first["id"]).content)

    new = applicant.collected("案-新", "2026-05-06", occurredOn="2026-04-17")
    new.done("handler", "verifyCase", shanghai("2026-05-06"), evidence=["核实-2"], severity=SHORT)
    new.done("handler", "noticeCase", shanghai("2026-05-06"))
    new.done("handler", "serveCase", shanghai("2026-05-06"), evidence=["回执-2"], means="BY_POST")
    assert notices.check(code)["stands"] is True, "what is only open is told to nobody"
    new.done("handler", "determineCase", shanghai("2026-05-12"), severity=SHORT, legalDocument="临审认字〔2026〕第8号")
    assert notices.check(code)["stands"] is False
    assert notices.issue("applicant", shanghai("2026-05-12"), "REPAIR_CERTIFICATE")["code"] == "NEW_BREACH_OPEN"
    new.done("handler", "publishCase", shanghai("2026-05-13"))
    again = notices.issue("applicant", shanghai("2026-05-13"), "REPAIR_CERTIFICATE")
    assert (again["code"], again["until"]) == ("NOT_REPAIRED", "2026-11-13")
    second = notices.issued("applicant", shanghai("2026-11-14"), "REPAIR_CERTIFICATE")
    assert second["number"] == f"{first['number']}之2"
    assert notices.check(code)["stands"] is False
    assert notices.check(code_of(notices.fetch("applicant", second["id"]).content))["stands"] is True


async def test_a_confidential_case_has_no_documents(server: RunningServer) -> None:
    """Not to be issued, not to be fetched, not to be checked [5.1.6]."""
    notice_steps = NoticeSteps(server, await put(server))
    notice_steps.served()
    notice = notice_steps.issued("handler", february(13), "NOTICE", number=NUMBER)
    code = code_of(notice_steps.fetch("handler", notice["id"]).content)
    cases = tables.restraint_cases
    async with server.database.writing() as session:
        await session.execute(
            cases.update().where(cases.c.case_id == notice_steps.case.case_id).values(confidential=True)
        )
    assert notice_steps.fetch("handler", notice["id"]).status_code == 404
    assert notice_steps.issue("handler", february(13), "NOTICE", number=NUMBER)["__typename"] == "NotFound"
    assert notice_steps.check(code) == NOBODY


async def test_trying_codes_is_bounded_by_network_and_never_for_a_genuine_one(database_url: str, kek: Path) -> None:
    """Wrong codes count for the client's network; a holder there, and every other network, is answered [A]."""
    given = {"NOTICE_MISSES_PER_NETWORK": "3/minute", "TRUSTED_PROXIES": "127.0.0.0/8"}
    async with open_server(settings_for(kek, database_url, LOG_FORMAT="json", **given)) as server:
        notice_steps = NoticeSteps(server, await put(server))
        notice_steps.served()
        notice = notice_steps.issued("handler", february(13), "NOTICE", number=NUMBER)
        code = code_of(notice_steps.fetch("handler", notice["id"]).content)
        here, there = ({"X-Forwarded-For": address} for address in ("198.51.100.7", "203.0.113.7"))
        neighbour = {"X-Forwarded-For": "203.0.113.9, 198.51.100.200"}

        def check(tried: str, headers: dict[str, str]) -> Reply:
            return server.ask("anonymous", CHECK, {"c": tried}, headers=headers)

        assert [check("AAAA-BBBB", here).data["checkNotice"]["genuine"] for _ in range(3)] == [False] * 3
        for headers in (here, neighbour):
            (error,) = check("AAAA-CCCC", headers).errors
            until = (server.clock.at + timedelta(minutes=1)).isoformat().replace("+00:00", "Z")
            assert (error["extensions"]["code"], error["extensions"]["until"]) == ("LIMIT_EXCEEDED", until)
        assert server.client.post("/check", data={"code": "AAAA"}, headers=here).status_code == 429
        assert check(code, here).data["checkNotice"]["genuine"] is True
        assert server.client.post("/check", data={"code": code}, headers=here).status_code == 200
        assert check("AAAA-BBBB", there).data["checkNotice"]["genuine"] is False
        assert check("AAAA-BBBB", {}).data["checkNotice"]["genuine"] is False, "the proxy's own network"
        server.clock.at += timedelta(minutes=1)
        assert check("AAAA-BBBB", here).data["checkNotice"]["genuine"] is False
        rows = await server.database.fetch(select(tables.rate_limits.c.key))
        assert not any("198.51" in key or "203.0" in key for (key,) in rows)


async def test_a_server_with_templates_and_a_certificate_of_its_own(
    database_url: str, kek: Path, tmp_path: Path
) -> None:
    """The department's template and seal, signed by the certificate; mended without a restart where it is broken."""
    authority = Authority()
    (tmp_path / "notices.p12").write_bytes(authority.pkcs12(authority.certify("Demo Department"), "演示口令"))
    (tmp_path / "secret").write_text("演示口令\n", encoding="utf-8")
    own = tmp_path / "templates" / SCJG
    own.mkdir(parents=True)
    shutil.copy(TEMPLATES / "letter.typ", own)
    (own / "notice.typ").write_text("\n#panic(sys.inputs.notice)", encoding="utf-8")
    (tmp_path / "seals").mkdir()
    (tmp_path / "seals" / f"{SCJG}.svg").write_bytes(SVG)
    given = {
        "NOTICE_TEMPLATE_DIR": str(tmp_path / "templates"), "NOTICE_SEAL_DIR": str(tmp_path / "seals"),
        "NOTICE_PKCS12_FILE": str(tmp_path / "notices.p12"), "NOTICE_SECRET_FILE": str(tmp_path / "secret"),
    }  # fmt: skip
    async with open_server(settings_for(kek, database_url, LOG_FORMAT="json", **given)) as server:
        notice_steps = NoticeSteps(server, await put(server))
        notice_steps.served()
        broken = notice_steps.issue("handler", february(13), "NOTICE", number=NUMBER)
        assert (broken["__typename"], broken["template"], broken["line"]) == ("TemplateBroken", "notice.typ", 2)
        assert server.world.party("person-1").name not in str(broken)
        (own / "notice.typ").write_text(
            '#import "letter.typ": *\n#show: letter\n本单位自有格式：#fact("conduct")\n#closing()\n', encoding="utf-8"
        )
        (tmp_path / "secret").rename(tmp_path / "away")
        unsigned = notice_steps.issue("handler", february(13), "NOTICE", number=NUMBER)
        assert (unsigned["__typename"], unsigned["code"]) == ("NotSigned", "CANNOT_BE_SIGNED")
        (tmp_path / "away").rename(tmp_path / "secret")
        notice = notice_steps.issued("handler", february(13), "NOTICE", number=NUMBER)
        assert notice["isSigned"] is True
        pdf = notice_steps.fetch("person-1", notice["id"]).content
        assert "本单位自有格式" in text_of(pdf)
        assert b"/ETSI.CAdES.detached" in pdf
        assert notice_steps.check(code_of(pdf))["stands"] is True
        assert "演示口令" not in server.lines.getvalue()


async def test_a_name_that_cannot_be_printed_is_refused_by_its_code_points(server: RunningServer) -> None:
    """A character without a glyph would give another name: the refusal says which one it is, and nothing is issued."""
    notice_steps = NoticeSteps(server, await put(server))
    notice_steps.served()
    given = {"number": "临复〔2026〕2号", "reasons": "\U00020bb7姓"}
    notice_steps.done("person-1", "stateDefence", february(24), evidence=["陈述-1"])
    notice_steps.done("head", "assignReviewer", february(26), reviewer="reviewer-1")
    notice_steps.done("reviewer", "reviewCase", february(28), outcome="UPHELD")
    refused = notice_steps.issue("reviewer", february(28), "REVIEW_DECISION", documentNumber="告-1", **given)
    assert (refused["__typename"], refused["lacking"]) == (
        "NotPrintable", [{"fact": "reasons", "codePoints": ["U+20BB7"]}]
    )  # fmt: skip
