"""Evidence as files over HTTP: who uploads, who attaches, who reads, and what is on record of it [5.1.1] [5.1.6]."""

import socket
import struct
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from consent.leaves.canonical_form import NOBODY, commitment
from consent.leaves.documents import file_attachment_bytes
from consent.leaves.provenance import COLUMNS as PROVENANCE
from consent.leaves.provenance import provenance_of
from credit.notices.facts import NoticeKind
from gateway.notices.render import render
from gateway.notices.samples import sample
from storage import tables
from tests.databases import on_both
from tests.journeys.cases.test_a_case import PAPER, SHORT, OfCase, february, put
from tests.journeys.running_server import RunningServer, open_server
from tests.journeys.support.documents import LOG
from tests.schema.service import settings_for
from tests.storage.access_record import pending

PURPOSE = {"handler": "DETERMINATION", "head": "SUPERVISION", "reviewer": "REVIEW", "clerk": "CREDIT_CHECK"}


def png(size: int = 0) -> bytes:
    """Give a whole picture of one pixel, made larger by text of *size* bytes."""
    rows = zlib.compress(b"\x00\xff\x00\x00")
    head = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", rows), (b"tEXt", b"x" * size), (b"IEND", b""))
    chunks = (struct.pack(">I", len(d)) + n + d + struct.pack(">I", zlib.crc32(n + d)) for n, d in parts)
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(20) + b"\xff\xd9"


def headers(server: RunningServer, who: str, purpose: str | None = None) -> dict[str, str]:
    stated = purpose or PURPOSE.get(who.rsplit(maxsplit=1)[-1], "SELF_ACCESS")
    return server.bearer(who) | {"Access-Purpose": stated}


def upload(server: RunningServer, who: str, content: bytes, purpose: str | None = None, **more: str) -> httpx.Response:
    sent = headers(server, who, purpose) | {"Content-Type": "application/octet-stream"} | more
    return server.client.post("/files", content=content, headers=sent)


def uploaded(server: RunningServer, who: str, content: bytes, purpose: str | None = None) -> str:
    answer = upload(server, who, content, purpose)
    assert answer.status_code == 201, answer.text
    reference: str = answer.json()["reference"]
    return reference


def fetch(server: RunningServer, who: str, reference: str, purpose: str | None = None) -> httpx.Response:
    return server.client.get(f"/files/{reference}", headers=headers(server, who, purpose))


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["errors"][0]["extensions"]["code"]


async def kept(server: RunningServer) -> dict[str, int]:
    async with server.database.snapshot() as session:
        counted = [tables.uploads, tables.files, tables.file_attachments]
        found = [await session.fetch(select(func.count()).select_from(table)) for table in counted]
    return {table.name: rows[0][0] for table, rows in zip(counted, found, strict=True)}


@on_both
@pytest.mark.pdf
async def test_a_file_is_uploaded_attached_and_read_on_record(server: RunningServer) -> None:
    """A handler's document and a citizen's picture in one case; the subject sees who read them."""
    step = OfCase(server, await put(server))
    document, picture = render(sample(NoticeKind.NOTICE), code=None), png()
    answer = upload(server, "handler", document)
    reference = answer.json()["reference"]
    kind, scan = answer.json()["mediaType"], answer.json()["scan"]
    assert (answer.status_code, kind, scan) == (201, "application/pdf", "UNSCANNED")
    assert await kept(server) == {"uploads": 1, "files": 0, "file_attachments": 0}
    assert code(fetch(server, "handler", reference)) == (404, "NOT_FOUND")  # attached to nothing yet

    step.done("handler", "verifyCase", february(10), evidence=[reference], severity=SHORT)
    assert await kept(server) == {"uploads": 0, "files": 1, "file_attachments": 1}
    read = fetch(server, "handler", reference)
    assert (read.status_code, read.content, read.headers["content-type"]) == (200, document, "application/pdf")
    assert read.headers["content-disposition"].startswith("attachment; filename=")
    assert "sandbox" in read.headers["content-security-policy"]
    assert (read.headers["x-content-type-options"], read.headers["cache-control"]) == ("nosniff", "no-store")

    step.done("handler", "noticeCase", february(11))
    step.done("handler", "serveCase", february(13), evidence=PAPER, means="ON_THE_SPOT")
    given = uploaded(server, "person-1", picture)
    assert step.done("person-1", "stateDefence", february(13, 12), text="材料属实。", evidence=[given])
    for who in ("person-1", "handler"):
        assert fetch(server, who, given).content == picture, who

    # A stranger, and who may read no evidence of this case, get what is said of no file at all.
    absent = fetch(server, "handler", "file:aaaaaaaaaaaaaaaaaaaaaaaaaa")
    for who in ("other handler", "person-2", "stranger"):
        for each in (reference, given):
            refused = fetch(server, who, each)
            assert (refused.status_code, refused.json()["errors"][0]["message"]) == (
                absent.status_code,
                absent.json()["errors"][0]["message"],
            ), who
    assert fetch(server, "person-1", reference).status_code == 404  # the authority's evidence [5.1.6]
    assert fetch(server, "auditor", reference, "AUDIT").status_code == 403

    log = server.ask("person-1", LOG, {"purpose": "DETERMINATION"}).data["myAccessLog"]["nodes"]
    shown = [entry for entry in log if "EvidenceFile.content" in {one["field"] for one in entry["fieldsShown"]}]
    assert [entry["actor"] for entry in shown] == ["handler-1", "handler-1"]
    assert {one["dataClass"] for one in shown[0]["fieldsShown"]} == {"EVIDENCE_FILE"}
    await entries_are_those_of_the_attachments(server, document)


async def entries_are_those_of_the_attachments(server: RunningServer, document: bytes) -> None:
    attachment, file = tables.file_attachments, tables.files
    async with server.database.snapshot() as session:
        rows = await session.fetch(select(*attachment.c).order_by(attachment.c.attached_at))
        files = {
            row[0]: row[1:] for row in await session.fetch(select(file.c.file_id, file.c.reference, file.c.digest))
        }
    waiting = {source: entry for _, source, entry in await pending(server.database)}
    assert len(rows) == 2
    for row in rows:
        fields: dict[str, Any] = dict(zip(attachment.c.keys(), row, strict=True))
        salt = fields.pop("salt")
        reference, digest = files[fields["file_id"]]
        request = provenance_of(fields)
        fields = {name: value for name, value in fields.items() if name not in PROVENANCE}
        entry = file_attachment_bytes(request, **fields, reference=reference, digest=digest)
        is_unseen = fields["record"] == "RESTRAINT_CASE" and fields["attached_as"] == "handler"
        counts = NOBODY if is_unseen else b""
        assert waiting[fields["attachment_id"]] == counts + commitment(salt, entry)
    assert files[rows[0][tuple(attachment.c.keys()).index("file_id")]][1] == sha256(document).digest()


async def test_the_file_of_an_objection_is_for_who_answers_it(server: RunningServer) -> None:
    """[5.1.4(6)] The handler of the contested case reads neither the words of the objection nor its files."""
    case = await put(server, noticed_on=february(3).date())
    given = uploaded(server, "person-1", png(7))
    raised = server.ask(
        "person-1",
        "mutation($i: RaiseObjectionInput!) @purpose(is: SELF_ACCESS) { raiseObjection(input: $i) "
        "{ __typename ... on ObjectionChanged { objection { id } } } }",
        {"i": {"record": case.gid, "text": "与事实不符。", "evidence": [given]}},
    ).data["raiseObjection"]
    assigned = server.ask(
        "head",
        "mutation($i: AssignObjectionInput!) @purpose(is: DETERMINATION) { assignObjection(input: $i) { __typename } }",
        {"i": {"objection": raised["objection"]["id"], "reviewer": "reviewer-1"}},
    )
    assert assigned.data["assignObjection"]["__typename"] == "ObjectionChanged"
    assert fetch(server, "handler", given).status_code == 404
    for who in ("person-1", "reviewer"):
        assert fetch(server, who, given).content == png(7), who


async def test_only_ones_own_upload_can_be_attached_and_only_once_for_one_subject(server: RunningServer) -> None:
    step = OfCase(server, await put(server))
    reference = uploaded(server, "other handler", png())
    unknown = "file:aaaaaaaaaaaaaaaaaaaaaaaaaa"
    for wrong in (reference, unknown):
        refused = step("handler", "verifyCase", february(10), evidence=[wrong], severity=SHORT)
        assert (refused["__typename"], refused["problems"]) == (
            "NotWellFormed",
            [{"field": "evidence", "code": "NO_SUCH_FILE"}],
        )
    assert await kept(server) == {"uploads": 1, "files": 0, "file_attachments": 0}
    own = uploaded(server, "handler", png())
    step.done("handler", "verifyCase", february(10), evidence=[own, own], severity=SHORT)
    step.done("handler", "noticeCase", february(11), evidence=[own])
    assert (await kept(server))["file_attachments"] == 1
    # It is this subject's now: another subject's case does not take it.
    other = OfCase(server, await put(server, "案-另", party="person-2"))
    refused = other("handler", "verifyCase", february(12), evidence=[own], severity=SHORT)
    assert refused["problems"] == [{"field": "evidence", "code": "NO_SUCH_FILE"}]


@pytest.mark.parametrize(
    ("case", "content"),
    [
        ("a page with a script", b"<!doctype html><script>alert(1)</script>"),
        ("a program", b"\x7fELF" + bytes(100)),
        ("a picture with a page behind it", png() + b"<script>alert(1)</script>"),
        ("half a document", b"%PDF-1.7\n1 0 obj"),
        ("a picture that runs", b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'),
        ("nothing", b""),
    ],
)
async def test_the_content_decides_what_is_accepted(server: RunningServer, case: str, content: bytes) -> None:
    assert code(upload(server, "handler", content, **{"Content-Type": "image/png"})) == (415, "FILE_TYPE_REFUSED"), case
    assert (await kept(server))["uploads"] == 0


async def test_who_may_not_upload_and_what_another_site_cannot_send(server: RunningServer) -> None:
    for who, purpose, refused in (
        ("anonymous", "SELF_ACCESS", (401, "TOKEN_REFUSED")),
        ("person-1", "DETERMINATION", (403, "FILE_NOT_ADMITTED")),
        ("platform", "PLATFORM_EXCHANGE", (403, "FILE_NOT_ADMITTED")),
        ("auditor", "AUDIT", (403, "FILE_NOT_ADMITTED")),
        ("handler", "ANYTHING", (400, "FILE_PURPOSE")),
    ):
        assert code(upload(server, who, png(), purpose)) == refused, who
    for media in ("text/plain", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded"):
        answer = upload(server, "handler", png(), **{"Content-Type": media})
        assert code(answer) == (415, "FILE_CONTENT_TYPE"), media
    assert code(upload(server, "handler", png(), **{"Content-Encoding": "gzip"})) == (415, "FILE_CONTENT_TYPE")
    assert server.client.get("/files", headers=headers(server, "handler")).status_code == 405
    for accepted in (png(), JPEG):
        assert upload(server, "handler", accepted).status_code == 201


@contextmanager
def clamd(answers: dict[bytes, bytes]) -> Iterator[tuple[str, list[bytes]]]:
    """Serve INSTREAM on a free port: the answer to a content, else `OK`. Gives its address, and what came."""
    came: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                with connection, connection.makefile("rb") as stream:
                    assert stream.read(10) == b"zINSTREAM\x00"
                    content = b""
                    while length := int.from_bytes(stream.read(4), "big"):
                        content += stream.read(length)
                    came.append(content)
                    connection.sendall(answers.get(content, b"stream: OK\x00"))

        threading.Thread(target=serve, daemon=True).start()
        yield f"tcp://127.0.0.1:{listening.getsockname()[1]}", came


async def test_a_scanner_finds_malware_or_is_away(kek: Path, database_url: str) -> None:
    """[5.1.6] Nothing of a refused file is kept, and a scanner without an answer is no clean file."""
    infected, broken, clean = png(1), png(2), png(200_000)
    answers = {infected: b"stream: Eicar-Test-Signature FOUND\x00", broken: b"INSTREAM size limit exceeded. ERROR\x00"}
    with clamd(answers) as (address, came):
        settings = settings_for(kek, database_url, LOG_FORMAT="json", FILE_SCANNER=address, FILE_SCANNER_REQUIRED="on")
        async with open_server(settings) as server:
            assert upload(server, "handler", clean).json()["scan"] == "CLEAN"
            assert came == [clean]
            assert code(upload(server, "handler", infected)) == (422, "FILE_INFECTED")
            assert code(upload(server, "handler", broken)) == (503, "FILE_SCANNER_UNAVAILABLE")
            assert (await kept(server))["uploads"] == 1


@pytest.mark.parametrize("scanner", ["/nowhere/scanner -", "tcp://127.0.0.1:9"])
async def test_a_scanner_that_is_gone_keeps_nothing(kek: Path, database_url: str, scanner: str) -> None:
    settings = settings_for(kek, database_url, LOG_FORMAT="json", FILE_SCANNER=scanner)
    async with open_server(settings) as server:
        answer = upload(server, "handler", png())
        assert code(answer) == (503, "FILE_SCANNER_UNAVAILABLE")
        assert answer.headers["retry-after"]
        assert (await kept(server))["uploads"] == 0


@pytest.mark.parametrize(("exit_code", "status"), [(0, 201), (1, 422), (2, 503)])
@pytest.mark.subprocess
async def test_a_command_scans_what_it_reads(
    kek: Path, database_url: str, tmp_path: Path, exit_code: int, status: int
) -> None:
    script = tmp_path / "scan"
    script.write_text(f"#!/bin/sh\ncat > {tmp_path}/came\nexit {exit_code}\n")
    script.chmod(0o700)
    settings = settings_for(kek, database_url, LOG_FORMAT="json", FILE_SCANNER=str(script))
    async with open_server(settings) as server:
        assert upload(server, "handler", png()).status_code == status
        assert (tmp_path / "came").read_bytes() == png()


async def test_sizes_are_bounded_and_uploads_expire(kek: Path, database_url: str) -> None:
    limits = {"FILE_LIMIT": "4096", "FILE_WAITING_LIMIT": "5000", "FILE_KEEP_HOURS": "24"}
    async with open_server(settings_for(kek, database_url, LOG_FORMAT="json", **limits)) as server:
        assert code(upload(server, "handler", png(5000))) == (413, "BODY_TOO_LARGE")
        chunked = server.client.post(
            "/files", content=iter([png(5000)]), headers=headers(server, "handler") | {"Content-Type": "image/png"}
        )
        assert code(chunked) == (413, "BODY_TOO_LARGE")  # without a length it is counted while it comes
        reference = uploaded(server, "handler", png(3900))
        assert code(upload(server, "handler", png(1200))) == (413, "FILE_QUOTA")
        assert upload(server, "other handler", png(1200)).status_code == 201  # each person has a quota of its own

        step = OfCase(server, await put(server))
        server.clock.at += timedelta(days=1)
        late = step("handler", "verifyCase", server.clock.at, evidence=[reference], severity=SHORT)
        assert late["problems"] == [{"field": "evidence", "code": "NO_SUCH_FILE"}]
        assert upload(server, "handler", png(3900)).status_code == 201


async def test_neither_log_nor_database_holds_the_content(server: RunningServer) -> None:
    marked = png()[:-12] + struct.pack(">I", 18) + b"tEXt370305190001010011" + bytes(4) + png()[-12:]
    reference = uploaded(server, "person-1", marked)
    assert fetch(server, "person-1", reference).status_code == 404
    async with server.database.snapshot() as session:
        ((sealed,),) = await session.fetch(select(tables.uploads.c.content_sealed))
    assert b"370305190001010011" not in bytes(sealed)
    assert reference not in server.lines.getvalue()
