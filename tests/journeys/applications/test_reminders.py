"""The reminder of deferred documents: made, sent, served, and open until the documents are there [5.1.2c]."""

from datetime import date
from typing import Any

import pytest

from credit.promises.deferral import defer
from policy.actors import Actor, Role
from storage import tables
from storage.unit_of_work import SqlUnitOfWork
from tests.builders import HEALTH, SCJG, WJJ
from tests.databases import on_both
from tests.journeys.effects.test_notices import CHECK, NOBODY, code_of, text_of
from tests.journeys.running_server import RunningServer
from tests.journeys.support.promises import Promise, at

pytestmark = pytest.mark.pdf

ISSUE = """mutation($i: IssueReminderInput!) @purpose(is: APPLICATION_HANDLING) { issueReminder(input: $i) { __typename
  ... on NoticeIssued { notice { id kind number application { id } } } ... on Refusal { code }
  ... on NotDue { until } ... on FactsLacking { facts } ... on NotWellFormed { problems { field code } } } }"""
NUMBER = "临催〔2026〕1号"


def issue(promise: Promise, who: str, day: Any, number: str = NUMBER, **more: Any) -> Any:
    promise.server.clock.at = day
    given = {"application": promise.application.gid, "number": number, **more}
    reply = promise.server.ask(who, ISSUE, {"i": given})
    assert not reply.errors, reply.json
    return reply.data["issueReminder"]


@pytest.fixture
async def promise(server: RunningServer) -> Promise:
    """Give a promise of two documents by Thu 12 February, made on Mon 2 February."""
    made = Promise(server)
    deferral = defer(
        application_id=made.application.row_id,
        subject_id=made.application.subject_id,
        department_code=SCJG,
        missing=("场地证明", "健康证明"),
        commitment_ref="承诺-1",
        due_on=date(2026, 2, 12),
        longest_days=30,
        today=date(2026, 2, 2),
    )
    async with SqlUnitOfWork(server.database) as work:
        await work.deferrals.add(deferral)
        await work.commit()
    return made


@on_both
async def test_a_reminder_is_made_sent_and_checked(promise: Promise) -> None:
    """With what is missing on that day; the applicant fetches it, and it stands until everything is there."""
    server = promise.server
    early = issue(promise, "clerk", at("02-12"))
    assert (early["__typename"], early["until"]) == ("NotDue", "2026-02-12")
    promise.done("clerk", "handInDocument", at("02-12"), document="健康证明", receipt="收件-1")
    lacking = issue(promise, "clerk", at("02-13"))
    assert (lacking["__typename"], lacking["facts"]) == ("FactsLacking", ["办件编号"])
    filed = tables.applications
    async with server.database.writing() as session:
        own = filed.c.application_id == promise.application.row_id
        await session.execute(filed.update().where(own).values(number="办-2026-1"))
    made = issue(promise, "clerk", at("02-13"), idempotencyKey="r-1")
    assert made["__typename"] == "NoticeIssued", made
    notice = made["notice"]
    assert notice == {
        "id": notice["id"], "kind": "REMINDER", "number": NUMBER, "application": {"id": promise.application.gid}
    }  # fmt: skip
    assert issue(promise, "handler", at("02-14")) == made
    assert ("notice.issued", "subject") in await promise.notified()

    pdf = server.client.get(
        f"/notices/{notice['id']}", headers=server.bearer("person-1") | {"Access-Purpose": "SELF_ACCESS"}
    )
    assert pdf.status_code == 200
    text = text_of(pdf.content)
    assert "场地证明" in text
    assert "健康证明" not in text
    assert server.world.party("person-1").name in text
    for who, purpose, status in (
        ("clerk", "APPLICATION_HANDLING", 200), ("agent", "SELF_ACCESS", 200), ("person-2", "SELF_ACCESS", 404),
        ("handler", "DETERMINATION", 404), ("reviewer", "REVIEW", 404),
    ):  # fmt: skip
        reply = server.client.get(f"/notices/{notice['id']}", headers=server.bearer(who) | {"Access-Purpose": purpose})
        assert reply.status_code == status, who

    promise.done("clerk", "remindDocuments", at("02-14"), paper=NUMBER)
    code = code_of(pdf.content)
    assert server.ask("anonymous", CHECK, {"c": code}).data["checkNotice"]["stands"] is True
    promise.done("clerk", "handInDocument", at("02-24"), document="场地证明", receipt="收件-2")
    found = server.ask("anonymous", CHECK, {"c": code}).data["checkNotice"]
    assert (found["genuine"], found["kind"], found["stands"]) == (True, "REMINDER", False)
    closed = issue(promise, "clerk", at("02-25"), "临催〔2026〕2号")
    assert closed["__typename"] == "PromiseRefused"
    assert server.ask("anonymous", CHECK, {"c": "A" * 16}).data["checkNotice"] == NOBODY


async def test_nobody_else_reminds(promise: Promise) -> None:
    """For another department there is no such application, and a subject is refused at once."""
    promise.server.know("elsewhere clerk", Actor("clerk-5", Role.CLERK, WJJ, HEALTH))
    assert issue(promise, "elsewhere clerk", at("02-13"))["__typename"] == "NotFound"
    assert issue(promise, "clerk", at("02-13"), "")["problems"] == [{"field": "number", "code": "REQUIRED"}]
    stale = issue(promise, "clerk", at("02-13"), expectedVersion=9)
    assert stale["__typename"] == "Collision"
    variables = {"i": {"application": promise.application.gid, "number": NUMBER}}
    assert promise.server.ask("person-1", ISSUE, variables).status == 403
