"""The name of each mutation in the hash that tells requests apart: if one changed, a request that is sent again with
its key after an update would be refused as another request."""

from sqlalchemy import select

from consent.idempotency import request_hash
from schema.core.mutations.mutation import hashed_name
from storage.tables import idempotency_keys
from tests.schema.service import ServiceUnderTest
from tests.shipped_schema import shipped_types

OTHER_NAMES = {
    "contestAuthorisation": "contest",
    "grantAuthorisation": "grant",
    "narrowAuthorisation": "narrow",
    "recordPaperAuthorisation": "record-paper",
    "refuseAuthorisation": "refuse",
    "requestAuthorisation": "request",
    "withdrawAuthorisation": "withdraw",
}
"""The mutations with a name of their own; that of any other is its field's, as `serve-case`. They never change."""


def test_no_name_has_changed() -> None:
    mutation = shipped_types().mutation_type
    assert mutation is not None
    for field in mutation.fields:
        words = "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in field)
        assert hashed_name(field) == OTHER_NAMES.get(field, words)
    assert set(OTHER_NAMES) <= set(mutation.fields)


async def stored_hash(service: ServiceUnderTest) -> str:
    async with service.services.database.snapshot() as session:
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
