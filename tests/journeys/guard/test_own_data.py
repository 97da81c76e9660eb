"""A copy of one's own data, as JSON, CSV and PDF, over HTTP [5.1.6] [PIPL 45]."""

import csv
import io
from typing import Any

import httpx
from sqlalchemy import select

from gateway.own_data import copy as own_copy
from gateway.own_data import formats
from gateway.own_data.sections import SECTIONS
from storage import tables
from tests.databases import on_both
from tests.journeys.running_server import RunningServer

OBJECT = """mutation($i: RaiseObjectionInput!) @purpose(is: SELF_ACCESS) { raiseObjection(input: $i) { __typename } }"""
SELF = {"Access-Purpose": "SELF_ACCESS"}


def get(server: RunningServer, who: str, name: str, headers: dict[str, str] = SELF, **query: str) -> httpx.Response:
    return server.client.get(f"/my-data/{name}", params=query, headers=server.bearer(who) | headers)


def copied(server: RunningServer, who: str, **query: str) -> dict[str, Any]:
    reply = get(server, who, "copy.json", **query)
    assert reply.status_code == 200, reply.text
    found = reply.json()
    assert (found["format"], found["complete"]) == ("own-data/1", True)
    return {section["name"]: section for section in found["sections"]}


@on_both
async def test_the_copy_has_every_section_and_each_page_is_recorded_as_a_read(server: RunningServer):
    world, party = server.world, server.world.party("person-1")
    sections = copied(server, "person-1")
    assert list(sections) == list(SECTIONS)
    (person,) = sections["subject"]["rows"]
    assert (person["name"], person["phone"], person["id"]) == (party.name, party.phone, party.gid)
    assert person["identifier"] == party.number[0] + "*" * 16 + party.number[-1], "the whole number is a reveal"
    numbers = {row["number"] for row in sections["cases"]["rows"]}
    assert numbers == {world.case("in-force").number, world.case("unpublished").number}
    assert len(sections["applications"]["rows"]) == 2
    assert sections["access-log"]["rows"], "the copy itself was read"
    context = tables.access_contexts.c
    channels = await server.database.fetch(
        select(context.channel, context.purpose, context.role).where(context.channel == "DOCUMENT").distinct()
    )
    assert channels == [("DOCUMENT", "SELF_ACCESS", "subject")]

    pdf = get(server, "person-1", "copy.pdf")
    assert (pdf.status_code, pdf.headers["content-type"], pdf.content[:5]) == (200, "application/pdf", b"%PDF-")
    assert pdf.headers["cache-control"] == "no-store"


@on_both
async def test_a_section_as_csv_has_no_formula(server: RunningServer):
    words = "=HYPERLINK(1)"
    server.ask("person-1", OBJECT, {"i": {"record": server.world.party("person-1").gid, "text": words}})
    reply = get(server, "person-1", "objections.csv")
    assert (reply.status_code, reply.content[:3]) == (200, b"\xef\xbb\xbf")
    header, row = csv.reader(io.StringIO(reply.content.decode("utf-8-sig"), newline=""))
    assert header == list(SECTIONS["objections"].columns)
    assert f"'{words}" in row
    assert words not in row


async def test_a_list_of_many_pages_is_whole(server: RunningServer, monkeypatch):
    in_one = copied(server, "person-1")
    monkeypatch.setattr(own_copy, "PAGE", 1)
    by_page = copied(server, "person-1")
    for name in ("cases", "applications"):
        assert len(in_one[name]["rows"]) > 1
        assert by_page[name]["rows"] == in_one[name]["rows"], name
    assert len(get(server, "person-1", "cases.csv").content.decode("utf-8-sig").splitlines()) >= 3


async def test_a_delegate_gets_its_principals_data_within_its_groups_and_nobody_elses(server: RunningServer):
    principal = server.world.party("person-1")
    sections = copied(server, "agent", subject=principal.gid)
    assert sections["subject"]["rows"][0]["name"] == principal.name
    assert {row["subject"]["name"] for row in sections["applications"]["rows"]} == {principal.name}
    other = server.world.party("person-2").gid
    for who in ("agent", "person-1", "stranger"):
        assert get(server, who, "copy.json", subject=other).status_code == 404, who


async def test_who_and_what_is_refused_by_name(server: RunningServer, monkeypatch):
    for who, name, headers, status, code in (
        ("person-1", "copy.json", {}, 400, "FILE_PURPOSE"),
        ("person-1", "copy.json", {"Access-Purpose": "AUDIT"}, 403, "OWN_DATA_NOT_ADMITTED"),
        ("clerk", "copy.json", SELF, 403, "OWN_DATA_NOT_ADMITTED"),
        ("auditor", "copy.json", SELF, 403, "OWN_DATA_NOT_ADMITTED"),
        ("anonymous", "copy.json", SELF, 403, "OWN_DATA_NOT_ADMITTED"),
        ("person-1", "everything.zip", SELF, 404, "NOT_FOUND"),
        ("person-1", "access-log.pdf", SELF, 404, "NOT_FOUND"),
        ("stranger", "copy.json", SELF, 404, "NOT_FOUND"),
    ):
        reply = get(server, who, name, headers)
        assert (reply.status_code, reply.json()["errors"][0]["extensions"]["code"]) == (status, code), (who, name)
    assert server.client.post("/my-data/copy.json", headers=server.bearer("person-1") | SELF).status_code == 405
    monkeypatch.setattr(formats, "MOST_IN_PDF", 3)
    assert get(server, "person-1", "copy.pdf").json()["errors"][0]["extensions"]["code"] == "OWN_DATA_TOO_LONG"
