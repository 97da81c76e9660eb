"""Ids carry the purpose for which they were shown; any of them leads to the record, for the purpose of the request."""

from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

import pytest
from graphql import GraphQLInputObjectType

from consent.vocabulary import Purpose
from queryplan.entities import REFERENCE, Entity
from schema.consent.authorisation_inputs import AuthorisationInput
from schema.consultations.mutations import ConsultedName, ConsultInput
from schema.core.errors import BadId
from schema.core.global_ids import (
    PURPOSE_NUMBERS,
    READ_BY,
    GlobalId,
    canonical,
    decode,
    encode,
    encode_public,
    encode_shown,
)
from schema.core.mutations.idempotency import keyed_request_hash
from schema.notifications.types import MarkNotificationsSeenInput
from tests.databases import on_sqlite, shared_on_sqlite
from tests.schema.service import ServiceUnderTest
from tests.shipped_schema import shipped_types

NUMBER = "37030519900101001X"
ROW = UUID(int=1), UUID(int=2)
CASE = "AlIAAAAAAAAAAAAAAAAAAAABAAAAAAAAAAAAAAAAAAAAAg"
"""02 ‖ 52 (R) ‖ 16 bytes of a subject's id ‖ 16 bytes of its case's: shown for APPLICATION_HANDLING."""


def test_every_purpose_has_its_number_and_keeps_it() -> None:
    assert set(PURPOSE_NUMBERS) == set(Purpose) - {Purpose.PUBLICITY}
    assert len(set(PURPOSE_NUMBERS.values())) == len(PURPOSE_NUMBERS)
    assert all(0x01 <= number <= 0x1F for number in PURPOSE_NUMBERS.values())
    tags = {entity.spec.tag for entity in Entity if entity.spec.tag is not None}
    assert all(tag.isalpha() for tag in tags)  # so that no tag is the number of a purpose


def test_the_bytes_of_an_id() -> None:
    assert encode(Entity.RESTRAINT_CASE, *ROW, purpose=Purpose.APPLICATION_HANDLING) == CASE
    assert encode(Entity.RESTRAINT_CASE, *ROW) == canonical(CASE) == "UgAAAAAAAAAAAAAAAAAAAAEAAAAAAAAAAAAAAAAAAAAC"
    assert decode(CASE) == decode(canonical(CASE)) == GlobalId(Entity.RESTRAINT_CASE, ROW)


def test_a_reference_row_has_one_id() -> None:
    for entity in REFERENCE:
        assert {encode(entity, "x", purpose=purpose) for purpose in PURPOSE_NUMBERS} == {encode(entity, "x")}


def test_no_id_with_keys_is_published() -> None:
    with pytest.raises(KeyError):
        encode(Entity.RESTRAINT_CASE, *ROW, purpose=Purpose.PUBLICITY)
    assert encode_shown(Purpose.PUBLICITY, Entity.RESTRAINT_CASE, *ROW) is None


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("C1IAAAAAAAAAAAAAAAAAAAABAAAAAAAAAAAAAAAAAAAAAg", id="a number of no purpose"),
        pytest.param("AgJSAAAAAAAAAAAAAAAAAAAAAQAAAAAAAAAAAAAAAAAAAAI", id="two numbers"),
        pytest.param("AmR4", id="a reference row with a number"),
        pytest.param("Ag", id="a number alone"),
        pytest.param("", id="nothing"),
        pytest.param(encode_public(lambda _: bytes(16), Entity.RESTRAINT_CASE, *ROW), id="what is published"),
        pytest.param(CASE + "=", id="with padding"),
    ],
)
def test_what_is_no_id_is_refused(text: str) -> None:
    with pytest.raises(BadId):
        decode(text)
    assert canonical(text) == text


NODE = "query($i: ID!) { node(id: $i) { __typename id canonicalId } }"
VIEWS = (("handler", Purpose.DETERMINATION), ("regulator", Purpose.FOCUSED_CHECK), ("company-1", Purpose.SELF_ACCESS))


@shared_on_sqlite
async def test_an_id_of_one_purpose_is_answered_for_another(shared_service: ServiceUnderTest) -> None:
    known = shared_service.world.case("company in force").gid
    shown = {purpose: encode(Entity.RESTRAINT_CASE, *decode(known).keys, purpose=purpose) for _, purpose in VIEWS}
    for who, purpose in VIEWS:
        for given in (known, *shown.values()):
            reply = await shared_service.ask(NODE, who, {"i": given}, purpose=purpose.value)
            node = reply.data["node"]
            assert (str(node["id"]), node["canonicalId"]) == (f"{shown[purpose]}", known), (who, given)
            assert shown[purpose].encode() in reply.body
    reply = await shared_service.ask(NODE, "anonymous", {"i": encode(Entity.AREA, "370305")})
    assert reply.data["node"]["canonicalId"] == encode(Entity.AREA, "370305")


@on_sqlite
async def test_a_request_is_the_same_by_whichever_id_it_names_a_record(service: ServiceUnderTest) -> None:
    document = "mutation($given: AuthorisationInput!) { withdrawAuthorisation(input: $given) { __typename } }"
    live = service.world.authorisation("live").gid
    for purpose in (None, Purpose.SELF_ACCESS, Purpose.CREDIT_CHECK):
        named = encode(Entity.AUTHORISATION, *decode(live).keys, purpose=purpose)
        given = {"authorisation": named, "idempotencyKey": "key-1"}
        reply = await service.ask(document, "company-1", {"given": given}, purpose="SELF_ACCESS")
        assert reply.data == {"withdrawAuthorisation": {"__typename": "AuthorisationChanged"}}, purpose


def _hashed(given: object) -> str:
    """Give the hash of a request without the key of a keyring."""
    keyring = SimpleNamespace(request_tag=lambda written: written)
    return keyed_request_hash(cast("Any", SimpleNamespace(keyring=keyring)), "act", given)


@pytest.mark.parametrize(
    ("named", "input_of"),
    [
        (Entity.AUTHORISATION, lambda one: AuthorisationInput(authorisation=one)),
        (Entity.NOTIFICATION, lambda one: MarkNotificationsSeenInput(notifications=[one])),
        (Entity.SUBJECT, lambda one: ConsultInput(kind="x", occasion="x", names=[ConsultedName(subject=one)])),
    ],
    ids=["an id", "a list of ids", "an id in a list of inputs"],
)
def test_the_hash_of_a_request_takes_canonical_ids(named: Entity, input_of: Any) -> None:
    keys = (ROW[0],) if named is Entity.SUBJECT else ROW
    shown = {encode(named, *keys, purpose=purpose) for purpose in (None, *PURPOSE_NUMBERS)}
    assert len({_hashed(input_of(one)) for one in shown}) == 1


AREA = encode(Entity.AREA, "370305")
FILE = "mutation($i: FileApplicationInput!) { fileApplication(input: $i) { __typename } }"
PERSON = {"kind": "NATURAL_PERSON", "name": "甲", "number": "1", "area": NUMBER}
GRANT = 'mutation { grantAuthorisation(input: {authorisation: "x"}) { __typename } }'


@pytest.mark.parametrize(
    ("query", "variables", "place"),
    [
        pytest.param(NODE, {"i": NUMBER}, "Variable '$i' has an invalid value", id="a variable"),
        pytest.param(NODE, {"i": 7}, "Variable '$i' has an invalid value", id="an integer"),
        pytest.param(
            "query($i: [ID!]!) { nodes(ids: $i) { id } }", {"i": [AREA, NUMBER]}, "'$i' has an invalid value at 'i.1'",
            id="one of several",
        ),
        pytest.param(FILE, {"i": {"matter": "x"}}, "'$i' has an invalid value at 'i.matter'", id="in an input"),
        pytest.param(
            FILE, {"i": {"matter": AREA, "person": PERSON}}, "'$i' has an invalid value at 'i.person.area'",
            id="in an input of an input",
        ),
        pytest.param('{ node(id: "x") { id } }', {}, "An ID is a global id of this service.", id="a literal"),
        pytest.param("{ node(id: 7) { id } }", {}, "An ID is a global id of this service.", id="an integer literal"),
        pytest.param(
            f'query($i: ID!) {{ nodes(ids: [$i, "{NUMBER}"]) {{ id }} }}', {"i": AREA}, "An ID is", id="beside one"
        ),
        pytest.param('query($i: ID = "x") { mySubject(id: $i) { id } }', {}, "An ID is", id="a default"),
        pytest.param(GRANT, {}, "An ID is a global id of this service.", id="a literal in an input"),
    ],
)  # fmt: skip
@shared_on_sqlite
async def test_an_id_that_is_none_is_refused_where_it_comes_in(
    shared_service: ServiceUnderTest, query: str, variables: dict[str, object], place: str
) -> None:
    reply = await shared_service.ask(query, "clerk", variables, purpose="APPLICATION_HANDLING")
    assert (reply.status, reply.executed, reply.codes) == (400, False, ["BAD_USER_INPUT"])
    assert place in reply.errors[0]["message"]
    assert reply.errors[0]["message"].startswith("编号无效。")
    assert NUMBER.encode() not in reply.body


@shared_on_sqlite
async def test_the_id_of_a_message_is_no_global_id(shared_service: ServiceUnderTest) -> None:
    shown = "{ __typename ... on NotFound { notFoundCode } }"
    document = f"mutation($i: ResendMessageInput!) @purpose(is: SUPERVISION) {{ resendMessage(input: $i) {shown} }}"
    for message in (str(UUID(int=1)), "", "x"):
        literal = document.replace("($i: ResendMessageInput!)", "").replace("$i", f'{{message: "{message}"}}')
        for query, variables in ((document, {"i": {"message": message}}), (literal, None)):
            reply = await shared_service.ask(query, "office", variables)
            if len(message) > 1:
                found = {"__typename": "NotFound", "notFoundCode": "NO_SUCH_MESSAGE"}
                assert reply.data == {"resendMessage": found}, reply.body
            else:
                assert (reply.executed, reply.codes) == (False, ["BAD_USER_INPUT"])


def test_every_other_id_is_a_global_one() -> None:
    marked = {
        f"{named.name}.{name}"
        for named in shipped_types().type_map.values()
        if isinstance(named, GraphQLInputObjectType)
        for name, field in named.fields.items()
        if READ_BY in field.extensions["strawberry-definition"].metadata
    }
    assert marked == {"ResendMessageInput.message"}
