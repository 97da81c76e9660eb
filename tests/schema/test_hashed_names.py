"""The name of each mutation in the hash that tells requests apart: if one changed, a request that is sent again with
its key after an update would be refused as another request."""

from sqlalchemy import select

from consent.idempotency import request_hash
from schema.build import build
from schema.core.fields import core
from schema.core.mutation import hashed_name
from storage.tables import idempotency_keys
from tests.schema.service import ServiceUnderTest

NAMES = {
    "acceptApplication": "accept-application",
    "answerObjection": "answer-objection",
    "assignObjection": "assign-objection",
    "assignReviewer": "assign-reviewer",
    "checkCredit": "check-credit",
    "claimRectification": "claim-rectification",
    "collectCase": "collect-case",
    "collectDefault": "collect-default",
    "collectUnmetCommitment": "collect-unmet-commitment",
    "completeCommitment": "complete-commitment",
    "confirmRectification": "confirm-rectification",
    "consult": "consult",
    "contestAuthorisation": "contest",
    "correctCase": "correct-case",
    "correctSubject": "correct-subject",
    "decideApplication": "decide-application",
    "deferDocuments": "defer-documents",
    "determineCase": "determine-case",
    "dropCase": "drop-case",
    "enterStatement": "enter-statement",
    "fileApplication": "file-application",
    "grantAuthorisation": "grant",
    "grantIncentive": "grant-incentive",
    "handInDocument": "hand-in-document",
    "handOverCase": "hand-over-case",
    "issueNotice": "issue-notice",
    "issueReminder": "issue-reminder",
    "makeCommitment": "make-commitment",
    "markConfidential": "mark-confidential",
    "markNotificationsSeen": "mark-notifications-seen",
    "markTargetsSeen": "mark-targets-seen",
    "narrowAuthorisation": "narrow",
    "noticeCase": "notice-case",
    "publishCase": "publish-case",
    "raiseObjection": "raise-objection",
    "recordFocusedCheck": "record-focused-check",
    "recordPaperAuthorisation": "record-paper",
    "recordRecipientTold": "record-recipient-told",
    "referCase": "refer-case",
    "refuseAuthorisation": "refuse",
    "refuseRectification": "refuse-rectification",
    "registerSubject": "register-subject",
    "remindDocuments": "remind-documents",
    "removeCase": "remove-case",
    "reportError": "report-error",
    "requestAuthorisation": "request",
    "resendMessage": "resend-message",
    "reviewCase": "review-case",
    "serveCase": "serve-case",
    "serveReminder": "serve-reminder",
    "stateDefence": "state-defence",
    "subscribeTargets": "subscribe-targets",
    "unmarkConfidential": "unmark-confidential",
    "unsubscribeTargets": "unsubscribe-targets",
    "verifyCase": "verify-case",
    "verifyCommitment": "verify-commitment",
    "withdrawApplication": "withdraw-application",
    "withdrawAuthorisation": "withdraw",
    "withdrawCommitment": "withdraw-commitment",
    "withdrawDeferral": "withdraw-deferral",
}
"""Add the name of a new mutation; never change one."""


def test_no_name_has_changed() -> None:
    mutation = core(build()).mutation_type
    assert mutation is not None
    assert {field: hashed_name(field) for field in mutation.fields} == NAMES


async def stored_hash(service: ServiceUnderTest) -> str:
    async with service.services.database.reading() as session:
        ((stored,),) = await session.fetch(select(idempotency_keys.c.request_hash))
    return str(stored)


async def test_a_request_is_hashed_under_the_name_of_its_field(service: ServiceUnderTest) -> None:
    document = 'mutation { seen: markTargetsSeen(input: {idempotencyKey: "key-1"}) { __typename } }'
    reply = await service.ask(document, "regulator", purpose="FOCUSED_CHECK")
    assert reply.data == {"seen": {"__typename": "TargetVisitNoted"}}
    asked = request_hash("mark-targets-seen", {"idempotency_key": "key-1"})
    assert await stored_hash(service) == service.services.keyring.request_tag(asked)


async def test_a_decision_on_an_authorisation_is_hashed_under_another_name(service: ServiceUnderTest) -> None:
    document = "mutation($given: AuthorisationInput!) { withdrawAuthorisation(input: $given) { __typename } }"
    live = service.world.authorisation("live").gid
    given = {"authorisation": live, "idempotencyKey": "key-1"}
    reply = await service.ask(document, "company-1", {"given": given}, purpose="SELF_ACCESS")
    assert reply.data == {"withdrawAuthorisation": {"__typename": "AuthorisationChanged"}}
    asked = request_hash("withdraw", {"authorisation": live, "expected_version": None, "idempotency_key": "key-1"})
    assert await stored_hash(service) == service.services.keyring.request_tag(asked)
