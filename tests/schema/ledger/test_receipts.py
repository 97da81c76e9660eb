"""A subject gets a receipt of each read and each event of consent; nobody else gets one [5.1.6] [PIPL 45]."""

import json

import httpx
import pytest

from consent.disclosures.stored_disclosure import StoredDisclosure
from consent.receipts.verify import verify_receipt
from gateway.ledger.build_sequencer import build_sequencer
from tests.databases import on_both, on_sqlite
from tests.schema.service import ServiceUnderTest

LOG = "query @purpose(is: SELF_ACCESS) { myAccessLog(first: 50) { nodes { id purpose } } }"
OWN = "query @purpose(is: SELF_ACCESS) { myAuthorisations(first: 50) { nodes { id purpose grantedAt } } }"
TARGETS = "query @purpose(is: FOCUSED_CHECK) { focusedCheckTargets(first: 20) { nodes { facts subject { name } } } }"
RECEIPTS = "query @purpose(is: %s) { receipts(id: %s) { recordId log leafIndex document } }"


async def publish(service: ServiceUnderTest) -> None:
    services = service.services
    ledger, runtime = services.ledger, services.runtime
    async with httpx.AsyncClient() as client:
        sequencer = build_sequencer(
            services.database, ledger.store, ledger.signers, ledger.policy, client,
            new_id=runtime.new_id, now=runtime.now,
        )  # fmt: skip
        await sequencer.publish_all()


async def receipts(service: ServiceUnderTest, id_: str, who: str, purpose: str = "SELF_ACCESS"):
    return await service.ask(RECEIPTS % (purpose, json.dumps(id_)), who)


async def first(service: ServiceUnderTest, document: str, root: str, who: str = "person-1"):
    return (await service.ask(document, who)).data[root]["nodes"][0]


def proved(service: ServiceUnderTest, receipt):
    policy, now = service.services.ledger.policy, service.services.runtime.now()
    found = verify_receipt(receipt["document"].encode(), policy, int(now.timestamp()))
    assert (found.statement["record_id"], found.index) == (receipt["recordId"], receipt["leafIndex"])
    assert found.origin.endswith(receipt["log"])
    return found


@on_both
async def test_a_read_has_a_receipt_that_its_subject_verifies(service: ServiceUnderTest) -> None:
    await service.ask(TARGETS, "regulator")
    read = await first(service, LOG, "myAccessLog")
    assert (await receipts(service, read["id"], "person-1")).data == {"receipts": []}  # nothing is published yet
    await publish(service)

    (receipt,) = (await receipts(service, read["id"], "person-1")).data["receipts"]
    found = proved(service, receipt)
    assert found.record["purpose"] == read["purpose"] == found.statement["purposes"][0]["purpose"]
    assert found.statement["purposes"][0]["lawful_basis"] == found.grounds[0][0]["basis"]
    assert found.statement["events"][0]["event_type"] == "READ"


@on_both
async def test_each_event_of_an_authorisation_has_a_receipt(service: ServiceUnderTest) -> None:
    await publish(service)
    authorisation = await first(service, OWN, "myAuthorisations", "company-2")
    reply = await receipts(service, authorisation["id"], "company-2")
    found = [proved(service, each) for each in reply.data["receipts"]]
    assert found
    for each in found:
        assert each.record["subject_id"] == str(each.subject_id)
        assert {it["purpose"] for it in each.statement["purposes"]} == {authorisation["purpose"]}
        assert each.statement["events"][0]["event_type"] == each.record["event"]
    assert (await receipts(service, authorisation["id"], "person-1")).data == {"receipts": []}


@on_sqlite
@pytest.mark.parametrize(
    ("who", "purpose"),
    [
        ("person-2", "SELF_ACCESS"),
        ("auditor", "AUDIT"),
        ("regulator", "FOCUSED_CHECK"),
        ("clerk", "APPLICATION_HANDLING"),
    ],
)
async def test_nobody_else_gets_it(service: ServiceUnderTest, who: str, purpose: str) -> None:
    await service.ask(TARGETS, "regulator")
    read = await first(service, LOG, "myAccessLog")
    await publish(service)
    reply = await receipts(service, read["id"], who, purpose)
    assert reply.data is None or reply.data == {"receipts": []}


@on_sqlite
@pytest.mark.parametrize("id_", ["", "x", "AAAA"])
async def test_an_id_that_is_none_is_refused(service: ServiceUnderTest, id_: str) -> None:
    assert (await receipts(service, id_, "person-1")).codes == ["BAD_USER_INPUT"]


@on_sqlite
async def test_what_cannot_be_proved_has_no_receipt(service: ServiceUnderTest, monkeypatch) -> None:
    """A row that somebody changed leads to no entry."""
    await service.ask(TARGETS, "regulator")
    read = await first(service, LOG, "myAccessLog")
    await publish(service)
    original = StoredDisclosure._record
    monkeypatch.setattr(
        StoredDisclosure, "_record", lambda *it: original(*it).replace(b"FOCUSED_CHECK", b"CREDIT_CHECK")
    )
    assert (await receipts(service, read["id"], "person-1")).data == {"receipts": []}
