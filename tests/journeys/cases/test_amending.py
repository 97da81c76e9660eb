"""A review that amends, and a correction after it: every version is kept, and everything shows the last [5.1.4(4)]."""

from hashlib import sha256
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError

from storage import tables
from tests.databases import on_both
from tests.journeys.cases.test_a_case import PAPER, SHORT, february, put
from tests.journeys.effects.test_notices import NoticeSteps, text_of
from tests.journeys.running_server import RunningServer

pytestmark = pytest.mark.pdf

AMENDED = "申请材料中的一份演示证明，经复核与事实不符；其余材料属实。"
CORRECTED = "申请材料中的一份演示证明与事实不符，提交日期为二月一日。"
BASIS, WORDS = "临政管办发〔2022〕3号五（一）2（复核）", "陈述部分属实。"
CASE = """query($i: ID!) { node(id: $i) { ... on RestraintCase { facts basis
  factsVersions { nodes { number step on by basis facts } } } } }"""


def shown(server: RunningServer, who: str, purpose: str, gid: str) -> Any:
    return server.ask(who, CASE, {"i": gid}, headers={"Access-Purpose": purpose}).data["node"]


def versions(server: RunningServer, who: str, purpose: str, gid: str) -> list[tuple[Any, ...]]:
    found = shown(server, who, purpose, gid)["factsVersions"]["nodes"]
    return [(one["number"], one["step"], one["on"], one["by"], one["basis"], one["facts"]) for one in found]


async def heard(server: RunningServer, notice_steps: NoticeSteps) -> None:
    """Bring the case to its reviewer."""
    notice_steps.served()
    notice_steps.issued("handler", february(13), "NOTICE", number="临信告〔2026〕7号")
    notice_steps.done("person-1", "stateDefence", february(24), evidence=["陈述-1"])
    notice_steps.done("head", "assignReviewer", february(26), reviewer="reviewer-1")


@on_both
async def test_everything_after_an_amending_review_shows_what_it_amended(server: RunningServer) -> None:
    """Fields, documents, the list of the platform and of supervisors; the old text stays on record [5.1.4(4)]."""
    steps = NoticeSteps(server, await put(server))
    gid, before = steps.case.gid, steps.case.facts
    await heard(server, steps)
    old_basis = shown(server, "handler", "DETERMINATION", gid)["basis"]
    assert versions(server, "handler", "DETERMINATION", gid) == []

    nothing = steps("reviewer", "reviewCase", february(28), outcome="AMENDED")
    assert (nothing["__typename"], nothing["code"], nothing["clause"]) == ("Lacking", "AMENDMENT_MISSING", "5.1.4(4)")
    for facts in (" ", before):
        again = steps("reviewer", "reviewCase", february(28), outcome="AMENDED", facts=facts, basis=old_basis)
        assert again == nothing, "what was there before amends nothing"
    upheld = steps("reviewer", "reviewCase", february(28), outcome="UPHELD", facts=AMENDED, basis=BASIS)
    assert upheld["problems"] == [{"field": "facts", "code": "NOT_AMENDED"}, {"field": "basis", "code": "NOT_AMENDED"}]
    long = steps("reviewer", "reviewCase", february(28), outcome="AMENDED", facts="长" * 10_001)
    assert long["problems"] == [{"field": "facts", "code": "TOO_LONG"}]
    amend = {"outcome": "AMENDED", "facts": AMENDED, "basis": BASIS}
    assert steps.done("reviewer", "reviewCase", february(28), **amend) == "REVIEWED"

    both = [
        (1, "COLLECTED", "2026-02-02", "handler-1", old_basis, before),
        (2, "REVIEWED", "2026-02-28", "reviewer-1", BASIS, AMENDED),
    ]
    for who, purpose in (("handler", "DETERMINATION"), ("reviewer", "REVIEW"), ("person-1", "SELF_ACCESS")):
        assert shown(server, who, purpose, gid) | {"factsVersions": None} == {
            "facts": AMENDED, "basis": BASIS, "factsVersions": None,
        }, who  # fmt: skip
        assert versions(server, who, purpose, gid) == both, who
    masked = [facts for *_, facts in versions(server, "other handler", "DETERMINATION", gid)]
    assert before not in masked
    assert AMENDED not in masked
    assert [facts for *_, facts in versions(server, "office", "SUPERVISION", gid)] == [None, None]
    assert shown(server, "person-2", "SELF_ACCESS", gid) is None

    given = {"number": "临复〔2026〕1号", "reasons": WORDS}
    decision = steps.issued("reviewer", february(28), "REVIEW_DECISION", **given)
    text = text_of(steps.fetch("person-1", decision["id"]).content)
    assert all(words in text for words in (WORDS, AMENDED, BASIS))
    steps.done("handler", "determineCase", february(28), severity=SHORT, legalDocument="临审认字〔2026〕第7号")
    determination = steps.issued("handler", february(28), "DETERMINATION")
    text = text_of(steps.fetch("person-1", determination["id"]).content)
    assert all(words in text for words in (AMENDED, BASIS, "申请行政复议", "提起行政诉讼"))
    assert before not in text
    steps.done("handler", "publishCase", february(28))
    pushed = "query($i: ID!) { node(id: $i) { ... on RestraintCase { facts basis } } }"
    for who, purpose in (("platform", "PLATFORM_EXCHANGE"), ("regulator", "FOCUSED_CHECK")):
        reply = server.ask(who, pushed, {"i": gid}, headers={"Access-Purpose": purpose})
        assert reply.data["node"] == {"facts": AMENDED, "basis": BASIS}, who
    await commits(server, {"REVIEWED": 2})


@on_both
async def test_a_correction_adds_a_version_like_a_review(server: RunningServer) -> None:
    """One way of changing facts, whoever changes them; and an amended basis alone is a version too [5.1.4(6)]."""
    steps = NoticeSteps(server, await put(server))
    gid, before = steps.case.gid, steps.case.facts
    await heard(server, steps)
    steps.done("reviewer", "reviewCase", february(27), outcome="AMENDED", basis=BASIS)
    steps.done("handler", "determineCase", february(27), severity=SHORT, legalDocument="临审认字〔2026〕第7号")
    steps.done("handler", "publishCase", february(27))
    made = "... on CorrectionMade { correction { id } } ... on Refusal { code message }"

    def hear(mutation: str, kind: str, **given: Any) -> Any:
        query = f"mutation($i: {kind}!) @purpose(is: DETERMINATION) {{ {mutation}(input: $i) {{ {made} }} }}"
        return server.ask("handler", query, {"i": given}).data[mutation]["correction"]

    server.clock.at = february(28)
    wrong = {"remedy": "CORRECT", "cause": "WRONG", "items": ["FACTS"], "evidence": PAPER}
    found = hear("reportError", "ReportErrorInput", case=gid, **wrong)
    hear("correctCase", "CorrectCaseInput", correction=found["id"], facts=CORRECTED)
    kept = versions(server, "person-1", "SELF_ACCESS", gid)
    assert [(number, step, basis, facts) for number, step, _, _, basis, facts in kept] == [
        (1, "COLLECTED", kept[0][4], before), (2, "REVIEWED", BASIS, before), (3, "CORRECTED", BASIS, CORRECTED),
    ]  # fmt: skip
    assert shown(server, "person-1", "SELF_ACCESS", gid)["facts"] == CORRECTED
    await commits(server, {"REVIEWED": 2, "CORRECTED": 3})
    with pytest.raises(DBAPIError, match="appended only"):
        await server.database.write((update(tables.facts_versions).values(basis="别的依据"), None))
    async with server.database.writing() as session:
        cases = tables.restraint_cases
        await session.execute(update(cases).where(cases.c.case_id == steps.case.case_id).values(confidential=True))
    assert shown(server, "handler", "DETERMINATION", gid) is None


async def commits(server: RunningServer, expected: dict[str, int]) -> None:
    """Hold each changing step to the box of the version that it left, which its leaf commits to [5.1.1]."""
    step, version = tables.case_steps.c, tables.facts_versions.c
    async with server.database.snapshot() as session:
        taken = await session.fetch(select(step.step, step.facts).where(step.step.in_(expected)))
        boxes = await session.fetch(select(version.number, version.facts_sealed))
    digests = {number: sha256(bytes(box)).hexdigest() for number, box in boxes}
    decided = {name: (facts["version"], facts["sealed_facts"]) for name, facts in taken}
    assert decided == {name: (number, digests[number]) for name, number in expected.items()}
