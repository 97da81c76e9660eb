"""A subject asks for what proves its own log, and checks it by itself; nobody else gets it [5.1.6]."""

import json
import re
from base64 import b64decode
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from consent.disclosures.proofs import SubjectProof, verify
from consent.errors import ProofRefused
from consent.leaves.canonical_form import leaf_hash
from consent.ledger.completeness import OwnHead, verify_head_of_epoch, verify_own_head, verify_whole
from consent.ledger.epochs import Head, HeadPath
from consent.ledger.subject_trees import RangeProof, subject_leaf_hash, verify_range
from consent.ledger.system_entries import EpochRoot, parse_system_entry
from gateway.ledger.jobs import subject_trees
from storage import tables
from storage.ledger.audit.walks import walks
from storage.ledger.integrate import Integrator
from storage.ledger.recomputed_entries import recomputed
from tests.builders import NOW
from tests.databases import on_both, on_sqlite
from tests.schema.service import ServiceUnderTest

TREE = """log size root logSize growth(since: 0) page(first: 100) {
  start before after entries { leafIndex entry commitment ownHash accessEntry openedFrom
    proof { record recordSalt part partSalt grounds place path } } }"""
MINE = f"""query @purpose(is: SELF_ACCESS) {{ myLedger {{ epoch madeAt secret epochKeys place path heads root generation
  consent {{ {TREE} }} access {{ {TREE} }} }} }}"""
LOG = "query @purpose(is: SELF_ACCESS) { myAccessLog(first: 50) { nodes { id purpose leafIndex commitment } } }"
TARGETS = "query @purpose(is: FOCUSED_CHECK) { focusedCheckTargets(first: 20) { nodes { facts subject { name } } } }"


async def integrate(service: ServiceUnderTest) -> None:
    """Take in all that waits, as the sequencer does; what the sample data have in it fits its rows."""
    integrator, groups = Integrator(service.services.database, recomputed, uuid4), 1
    while groups:
        done = await integrator.integrate(await integrator.read_trees(), NOW)
        assert not [each for each in done.findings if each.is_held]
        groups = done.groups


async def make_epoch(service: ServiceUnderTest) -> EpochRoot:
    services = service.services
    keeper = subject_trees(services)
    await integrate(service)
    keeper.every = timedelta(0)
    await keeper.round()
    await integrate(service)
    table = tables.ledger_entries.c
    wanted = tables.ledger_entries.select().with_only_columns(table.leaf).where(table.log == 2)
    found = [parse_system_entry(bytes(leaf)) for (leaf,) in await services.database.fetch(wanted)]
    return [each for each in found if isinstance(each, EpochRoot)][-1]


def unread(texts: list[str]) -> list[bytes]:
    return [b64decode(each) for each in texts]


def checked(tree):
    """Check the page of a whole tree, and give its entries."""
    page = tree["page"]
    entries = [(each["leafIndex"], b64decode(each["ownHash"])) for each in page["entries"]]
    proof = RangeProof(unread(page["before"]), unread(page["after"]))
    leaves = [subject_leaf_hash(*each) for each in entries]
    verify_range(leaves, page["start"], tree["size"], b64decode(tree["root"]), proof)
    return entries


def proof_of(entry):
    given = {name: entry["proof"][name] for name in ("record", "part")}
    return SubjectProof(
        **{name: b64decode(value) for name, value in given.items()},
        record_salt=b64decode(entry["proof"]["recordSalt"]),
        entry_count=int.from_bytes(b64decode(entry["entry"])[:2], "big"),
        part_salt=b64decode(entry["proof"]["partSalt"]),
        grounds=unread(entry["proof"]["grounds"]),
        place=entry["proof"]["place"],
        path=unread(entry["proof"]["path"]),
    )


@on_both
async def test_a_subject_proves_that_its_log_is_whole(service: ServiceUnderTest) -> None:
    await service.ask(TARGETS, "regulator")
    shown = (await service.ask(LOG, "person-1")).data["myAccessLog"]["nodes"]
    published = await make_epoch(service)
    reply = await service.ask(MINE, "person-1")
    assert reply.errors == []
    mine = reply.data["myLedger"]
    consent, access = checked(mine["consent"]), checked(mine["access"])
    roots = [b64decode(mine[log]["root"]) for log in ("consent", "access")]
    head = Head(len(consent), len(access), *roots)
    own = OwnHead(mine["epoch"], head, HeadPath(mine["place"], unread(mine["path"])))
    verify_own_head(b64decode(mine["secret"]), own, published)
    verify_head_of_epoch(b64decode(mine["epochKeys"]), own, published)
    verify_whole(head, consent, access, published)
    subject_id = service.world.party("person-1").subject_id
    entries = mine["access"]["page"]["entries"]
    assert {each["id"] for each in shown} <= {each["accessEntry"] for each in entries}
    places = {each["accessEntry"]: (each["leafIndex"], b64decode(each["commitment"]).hex()) for each in entries}
    assert {(each["leafIndex"], each["commitment"]) for each in shown} == {(None, None)}, (
        "the log has them a second later"
    )
    now = {each["id"]: each for each in (await service.ask(LOG, "person-1")).data["myAccessLog"]["nodes"]}
    assert {each: (now[each]["leafIndex"], now[each]["commitment"]) for each in places} == places
    for each in entries:
        proved = verify(proof_of(each), subject_id, leaf_hash(b64decode(each["entry"])))
        assert proved.record["purpose"] in {"FOCUSED_CHECK", "SELF_ACCESS"}
    assert b64decode(entries[0]["commitment"]) == b64decode(entries[0]["entry"])[-32:]
    assert json.loads(b64decode(entries[0]["proof"]["grounds"][0]))["type"] == "access-ground/1"


def readers(mine: dict[str, Any]) -> set[str]:
    """Give the roles of those whose reads count in the subject's tree."""
    proofs = [each["proof"] for each in mine["access"]["page"]["entries"]]
    return {json.loads(b64decode(proof["record"]))["role"] for proof in proofs if proof}


READ = "query($id: ID!) @purpose(is: DETERMINATION) { node(id: $id) { ... on RestraintCase { facts } } }"
ACT = """mutation($i: %sInput!) @purpose(is: DETERMINATION) { %s(input: $i) {
  __typename ... on CaseChanged { case { id } } ... on Refusal { code } } }"""


async def act(service: ServiceUnderTest, mutation: str, **given: object) -> str:
    """Take a step of a case, and give the case."""
    query = ACT % (mutation[0].upper() + mutation[1:], mutation)
    reply = await service.ask(query, "handler", {"i": given})
    assert reply.data[mutation]["__typename"] == "CaseChanged", reply.json
    return str(reply.data[mutation]["case"]["id"])


async def look(service: ServiceUnderTest) -> tuple[dict[str, Any], str]:
    """Give the subject's ledger in a new epoch; and of it what is the subject's own and no read, as text.

    Each read is shown to its subject at once, unless the head has ordered a delay [5.1.6].
    """
    await make_epoch(service)
    mine = (await service.ask(MINE, "person-1")).data["myLedger"]
    checked(mine["consent"])
    own = json.dumps([mine["secret"], mine["generation"], mine["consent"]])
    return mine, re.sub('"logSize": [0-9]+, ', "", own)


@on_both
async def test_an_investigation_leaves_no_trace_before_its_notice(service: ServiceUnderTest) -> None:
    """[5.1.4(2)] [5.1.6]: without a byte of difference, until the notice; from then on every step of it counts.

    A read of the case counts at once: only an order of the head delays it.
    """
    mine, before = await look(service)
    case = await act(
        service, "collectCase", subject=service.world.party("person-1").gid, number="临市监〔2026〕99号",
        circumstance="FALSE_MATERIAL", channel="FACT_FINDING", basis="临政管办发〔2022〕3号 五（一）2", facts="不符。",
        evidence=["笔录-3"], occurredOn="2026-01-28",
    )  # fmt: skip
    await act(service, "verifyCase", case=case, evidence=["卷宗-7"], severity="SHORT_OF_PENALTY")
    assert (await service.ask(READ, "handler", {"id": case})).data["node"]["facts"] == "不符。"
    meanwhile, same = await look(service)
    assert same == before
    assert mine["access"]["size"] == 0
    assert "handler" in readers(meanwhile)
    await act(service, "noticeCase", case=case, evidence=["告知书-7"])
    told, _ = await look(service)
    assert told["consent"]["size"] == mine["consent"]["size"] + 3
    grown = told["consent"]["page"]["entries"][-3:]
    assert [each["openedFrom"] is not None for each in grown] == [True, True, False]
    async with service.services.database.snapshot() as session:
        for walk in walks(service.services.database.dialect, service.services.keyring.pending_tag):
            if walk.name.startswith(("withheld", "entries", "tree")):
                assert (await walk.page(session, None, 10_000))[0] == [], walk.name


@on_sqlite
async def test_before_the_first_epoch_there_is_nothing_to_prove(service: ServiceUnderTest) -> None:
    reply = await service.ask(MINE, "person-1")
    assert (reply.data, reply.errors) == ({"myLedger": None}, [])


@on_sqlite
@pytest.mark.parametrize(
    ("who", "purpose"),
    [
        ("person-1", "CREDIT_CHECK"),
        ("clerk", "SELF_ACCESS"),
        ("clerk", "APPLICATION_HANDLING"),
        ("regulator", "FOCUSED_CHECK"),
    ],
)
async def test_nobody_else_gets_it(service: ServiceUnderTest, who: str, purpose: str) -> None:
    await make_epoch(service)
    reply = await service.ask(MINE.replace("SELF_ACCESS", purpose), who)
    assert reply.data is None or reply.data == {"myLedger": None}
    assert reply.codes == ["ROOT_REFUSED"], reply.errors


@on_sqlite
async def test_an_auditor_has_no_ledger_of_its_own(service: ServiceUnderTest) -> None:
    await make_epoch(service)
    reply = await service.ask(MINE.replace("SELF_ACCESS", "AUDIT"), "auditor")
    assert reply.data == {"myLedger": None}


@on_sqlite
async def test_a_delegate_gets_the_ledger_of_whom_it_oversees_without_the_secret(service: ServiceUnderTest) -> None:
    """[5.1.6] Its look is recorded; its keys end with the epoch."""
    principal, of = service.world.party("person-1"), "myLedger(subject: $of)"
    document = MINE.replace("query @", "query($of: ID!) @").replace("myLedger", of)
    await service.ask(TARGETS, "regulator")
    published = await make_epoch(service)
    given = {"of": principal.gid}
    mine = (await service.ask(document, "agent", given)).data["myLedger"]
    assert (mine["epoch"], mine["secret"]) == (published.epoch, None)
    roots = [b64decode(mine[log]["root"]) for log in ("consent", "access")]
    head = Head(mine["consent"]["size"], mine["access"]["size"], *roots)
    own = OwnHead(mine["epoch"], head, HeadPath(mine["place"], unread(mine["path"])))
    verify_head_of_epoch(b64decode(mine["epochKeys"]), own, published)
    for keys in (bytes(64), bytes(3)):
        with pytest.raises(ProofRefused):
            verify_head_of_epoch(keys, own, published)
    read = (await service.ask(LOG.replace("purpose leaf", "role leaf"), "person-1")).data["myAccessLog"]["nodes"]
    assert "agent" in {each["role"] for each in read}
    for who in ("stranger", "person-2"):
        assert (await service.ask(document, who, given)).data == {"myLedger": None}
