"""A person sees what was given up, without a word about whom, and sends it again [5.1.4(5)] [6.2]."""

from datetime import UTC, datetime, timedelta

import pytest

from storage.unit_of_work import SqlUnitOfWork
from tests.databases import on_both
from tests.journeys.running_server import RunningServer

STATUS = """query @purpose(is: SUPERVISION) { outboxStatus {
  waiting { route topic failure count oldest attempts }
  dead { message route topic createdAt attempts deadAt failure } } }"""
RESEND = """mutation($i: ResendMessageInput!) @purpose(is: SUPERVISION) { resendMessage(input: $i) { __typename
  ... on MessageQueued { messageId } ... on Refusal { code message } } }"""


async def dead_letter(server: RunningServer) -> str:
    case, message_id, now = server.world.case("in-force"), server.world.new_id(), server.clock.at
    about = {"to": "platform", "subject_id": str(case.subject_id), "case_id": str(case.case_id)}
    async with SqlUnitOfWork(server.database) as work:
        await work.outbox("restraint-case.published", about, message_id, now)
        await work.outbox_queue.died(message_id, "REFUSED_422", now + timedelta(hours=1))
        await work.commit()
    return str(message_id)


@on_both
async def test_a_dead_letter_is_seen_and_sent_again(server: RunningServer) -> None:
    who = "office"
    message = await dead_letter(server)
    case = server.world.case("in-force")
    seen = server.ask(who, STATUS)
    assert not seen.errors, seen.json
    (letter,) = seen.data["outboxStatus"]["dead"]
    assert (letter["message"], letter["failure"], letter["route"]) == (message, "REFUSED_422", "platform")
    assert datetime.fromisoformat(letter["deadAt"]) == (server.clock.at + timedelta(hours=1)).astimezone(UTC)
    for private in (case.number, str(case.case_id), str(case.subject_id)):
        assert private not in seen.response.text
    given = {"message": message, "idempotencyKey": "again-1"}
    for _ in range(2):  # asked twice under one key, it is done once
        reply = server.ask(who, RESEND, {"i": given})
        assert not reply.errors, reply.json
        assert reply.data["resendMessage"]["__typename"] == "MessageQueued"
    other = server.ask(who, RESEND, {"i": {"message": message}}).data["resendMessage"]
    assert (other["__typename"], other["code"]) == ("NotFound", "NO_SUCH_MESSAGE")
    status = server.ask(who, STATUS).data["outboxStatus"]
    assert status["dead"] == []
    assert ("platform", "restraint-case.published") in {(one["route"], one["topic"]) for one in status["waiting"]}


@pytest.mark.parametrize("who", ["anonymous", "clerk", "handler", "head", "platform", "person-1", "auditor", "admin"])
async def test_nobody_else_sees_or_sends(server: RunningServer, who: str) -> None:
    message = await dead_letter(server)
    assert server.ask(who, STATUS).data is None
    assert server.ask(who, RESEND, {"i": {"message": message}}).data is None
    assert server.ask("office", STATUS).data["outboxStatus"]["dead"][0]["message"] == message
