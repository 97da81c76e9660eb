"""To search by the exact number is a permission of its own, because it reveals whose number it is [5.1.6]."""

import pytest

from tests.schema.service import ServiceUnderTest

ASK = "query($n: String!) @purpose(is: %s) { subjectByIdentifier(kind: ID_NUMBER, number: $n) { id } }"
MAY = [
    ("clerk", "CREDIT_CHECK"),
    ("clerk", "APPLICATION_HANDLING"),
    ("handler", "APPLICATION_HANDLING"),
    ("handler", "DETERMINATION"),
    ("head", "DETERMINATION"),
    ("platform", "PLATFORM_EXCHANGE"),
]
MAY_NOT = [
    ("regulator", "FOCUSED_CHECK"),
    ("reviewer", "REVIEW"),
    ("office", "SUPERVISION"),
    ("head", "SUPERVISION"),
    ("head", "CONSULTATION"),
    ("association", "CONSULTATION"),
    ("auditor", "AUDIT"),
    ("person-1", "SELF_ACCESS"),
    ("agent", "SELF_ACCESS"),
    ("anonymous", "PUBLICITY"),
    ("office", "PUBLICITY"),
    ("admin", "AUDIT"),
]


@pytest.mark.parametrize(("who", "purpose"), MAY)
async def test_who_has_the_number_before_them_may_look(
    shared_service: ServiceUnderTest, who: str, purpose: str
) -> None:
    reply = await shared_service.ask(ASK % purpose, who, {"n": shared_service.world.party("person-1").number})
    assert (reply.executed, reply.status) == (True, 200), reply.body


@pytest.mark.parametrize(("who", "purpose"), MAY_NOT)
async def test_who_only_supervises_or_reads_the_list_may_not_try_numbers(
    shared_service: ServiceUnderTest, who, purpose
) -> None:
    for number in (shared_service.world.party("person-1").number, "370305190002289904"):
        reply = await shared_service.ask(ASK % purpose, who, {"n": number})
        assert not reply.executed
        assert reply.status in {401, 403}
        assert number.encode() not in reply.body
