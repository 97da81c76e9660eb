"""A file belongs to the record that its uploader gave it for: who reads it, and what naming it elsewhere does [5.1.6].

Each attempt to make a file known to the readers of another record is answered like a reference of no file at all.
"""

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from policy.actors import Actor, Role
from storage import tables
from tests.builders import HEALTH, SCJG, TODAY, WJJ
from tests.databases import on_both
from tests.journeys.cases.test_a_case import SHORT, OfCase, february, put
from tests.journeys.cases.test_collection import collect
from tests.journeys.cases.test_files import fetch, kept, png, uploaded
from tests.journeys.cases.test_late_entries import FIGURES
from tests.journeys.cases.test_wrong_identity import Hearing, at
from tests.journeys.effects.test_focused_check import CASES, record
from tests.journeys.guard.test_delegations import DELEGATION, END, MINE, RECORD, act, born, document, terms
from tests.journeys.guard.test_from_the_number import registered
from tests.journeys.running_server import RunningServer
from tests.journeys.support.documents import GRANT, REQUEST
from tests.journeys.support.promises import allow, cleared
from tests.journeys.support.promises import at as on
from tests.journeys.support.steps import Steps

UNKNOWN = "file:aaaaaaaaaaaaaaaaaaaaaaaaaaaa"
HANDLING = "APPLICATION_HANDLING"
CONTEST = f"mutation C($i: ContestGuardianshipInput!) {{ contestGuardianship(input: $i) {{ {DELEGATION} }} }}"
ENTER = f"mutation C($i: EnterGuardianshipContestInput!) {{ enterGuardianshipContest(input: $i) {{ {DELEGATION} }} }}"
DECIDE = f"mutation D($i: DecideGuardianshipInput!) {{ decideGuardianship(input: $i) {{ {DELEGATION} }} }}"
TASKS = """
query Tasks @purpose(is: SUPERVISION) {
  worklist(side: HEAD, first: 50) { nodes { step delegation { id kind evidence isLive contestedBy } subject { id } } }
}
"""


def seen(server: RunningServer, reference: str, readers: dict[tuple[str, str | None], int]) -> None:
    """Check the status that each reader, by name and purpose, gets for the file."""
    found = {reader: fetch(server, reader[0], reference, reader[1]).status_code for reader in readers}
    assert found == readers


# --- a second use of a reference -----------------------------------------------------------------------------------


@on_both
async def test_a_file_of_another_record_is_no_file(server: RunningServer) -> None:
    """Whoever holds a reference gives its file to nobody: each attempt has the answer of an unknown reference."""
    given = "health handler", "moved handler", "handler as reviewer"
    server.know(given[0], Actor("handler-5", Role.HANDLER, WJJ, HEALTH))
    server.know(given[1], Actor("handler-1", Role.HANDLER, WJJ, HEALTH))
    server.know(given[2], Actor("handler-1", Role.REVIEWER, SCJG))
    case = OfCase(server, await put(server))
    same_subject = OfCase(server, await put(server, "案-另"))
    other_subject = OfCase(server, await put(server, "案-人", party="person-2"))
    at_health = {"department_code": WJJ, "sector_code": HEALTH}
    elsewhere = OfCase(server, await put(server, "案-卫", handler_ref="handler-5", **at_health))
    after_the_move = OfCase(server, await put(server, "案-调", handler_ref="handler-1", **at_health))

    own, theirs = uploaded(server, "handler", png(1)), uploaded(server, "other handler", png(2))
    in_another_role, at_a_former_post = (
        uploaded(server, given[2], png(3), "REVIEW"),
        uploaded(server, "handler", png(4)),
    )
    case.done("handler", "verifyCase", february(10), evidence=[own], severity=SHORT)
    server.clock.at = february(10, 9)
    too_old = uploaded(server, "handler", png(5))
    attempts: list[tuple[str, Steps, str, str]] = [
        ("another record of the same subject", same_subject, "handler", own),
        ("another subject", other_subject, "handler", own),
        ("another department, of the same subject", elsewhere, given[0], own),
        ("not uploaded by me", same_subject, "handler", theirs),
        ("uploaded by me in another role", same_subject, "handler", in_another_role),
        ("uploaded by me at a former post", after_the_move, given[1], at_a_former_post),
        ("expired", same_subject, "handler", too_old),
    ]
    for why, step, who, reference in attempts:
        answers = [
            step.reply(who, "verifyCase", february(11, 9), evidence=[named], severity=SHORT).json
            for named in (reference, UNKNOWN)
        ]
        assert answers[0] == answers[1], why
        assert answers[0]["data"]["verifyCase"]["problems"] == [{"field": "evidence", "code": "NO_SUCH_FILE"}], why
        mixed = step(who, "verifyCase", february(11, 9),
                     evidence=["卷宗-9", reference], severity=SHORT)  # fmt: skip
        assert mixed["__typename"] == "NotWellFormed", why
        expected = 200 if (who, reference) == ("handler", own) else 404
        assert fetch(server, who, reference).status_code == expected, why
    stored = await kept(server)
    assert (stored["files"], stored["file_attachments"]) == (1, 1)

    # On the same record: its officers who read it there name it again; the head and the subject, who do not, cannot.
    case.done("handler", "noticeCase", february(11, 10), evidence=[own])
    case.done("handler", "serveCase", february(13), evidence=[own], means="ON_THE_SPOT")
    for who, mutation, more in (
        ("head", "handOverCase", {"handler": "handler-2"}),
        ("person-1", "stateDefence", {"text": "材料属实。"}),
        ("agent", "stateDefence", {"text": "材料属实。"}),
    ):
        refused = [case.reply(who, mutation, february(13, 12), **more, evidence=[one]).json for one in (own, UNKNOWN)]
        assert refused[0] == refused[1], who
        assert refused[0]["data"][mutation]["problems"] == [{"field": "evidence", "code": "NO_SUCH_FILE"}], who
    assert (await kept(server))["file_attachments"] == 1
    # What the waiting uploads are for is still open: they are their uploaders' as before.
    same_subject.done("handler", "verifyCase", february(11, 11),
                      evidence=[at_a_former_post], severity=SHORT)  # fmt: skip


@on_both
async def test_what_the_subject_gave_for_one_record_is_not_named_for_another(server: RunningServer) -> None:
    """Nor by its delegate, and nothing of another subject of the same delegate."""
    case, other = OfCase(server, await put(server)), OfCase(server, await put(server, "案-另"))
    for step in (case, other):
        step.served()
    picture = uploaded(server, "person-1", png())
    case.done("person-1", "stateDefence", february(13, 12), text="材料属实。", evidence=[picture])
    for who in ("person-1", "agent", "person-2", "handler"):
        assert fetch(server, who, picture).status_code == (200 if who in {"person-1", "agent", "handler"} else 404), who
    for who in ("person-1", "agent"):
        answers = [
            other.reply(who, "stateDefence", february(13, 12), text="材料属实。", evidence=[one]).json
            for one in (picture, UNKNOWN)
        ]
        assert answers[0] == answers[1], who
    objection = (
        "mutation($i: RaiseObjectionInput!) @purpose(is: SELF_ACCESS) { raiseObjection(input: $i) "
        "{ __typename ... on NotWellFormed { problems { field code } } } }"
    )
    asked = {"record": case.gid, "text": "与事实不符。"}
    answers = [server.ask("person-1", objection, {"i": asked | {"evidence": [one]}}).json for one in (picture, UNKNOWN)]
    assert answers[0] == answers[1]
    assert answers[0]["data"]["raiseObjection"]["__typename"] == "NotWellFormed"
    assert (await kept(server))["file_attachments"] == 1


@on_both
async def test_the_papers_of_a_removal_stay_with_the_removed_case(server: RunningServer) -> None:
    """What ran anew because of it may be a colleague's, or another department's: it gets the new end, and no file."""
    hear = Hearing(server)
    older = await hear.put("案-旧", handler_ref="handler-2")
    hear("other handler", "publishCase", at(2, 26), case=older.gid)
    newer = await hear.put("案-新", collected_at=at(3, 2), verified_at=at(3, 3), determined_on=at(4, 1).date())
    hear("handler", "publishCase", at(4, 1), case=newer.gid)
    report = {"case": newer.gid, "remedy": "REMOVE", "cause": "WRONG", "evidence": ["复核-1"]}
    found = hear.correction("head", "reportError", at(4, 7), **report)
    server.clock.at = at(4, 8)
    paper = uploaded(server, "handler", png())
    hear.correction("handler", "removeCase", at(4, 8), correction=found["id"], evidence=[paper])
    steps = tables.case_steps.c
    ran_anew = select(steps.evidence).where(steps.step == "RUN_ANEW", steps.case_id == older.case_id)
    assert {evidence for (evidence,) in await server.database.fetch(ran_anew)} == {None}
    # Its files end with the removed case [5.1.6].
    seen(server, paper, {("handler", None): 404, ("other handler", None): 404})
    rows = await server.database.fetch(select(tables.file_attachments.c.record_id))
    assert [record_id for (record_id,) in rows] == [newer.case_id]


# --- what a step carries over to the record that it begins -----------------------------------------------------------


async def test_the_papers_of_a_promise_go_along_into_the_case_of_its_default(server: RunningServer) -> None:
    """Its handler has to show them [5.1.1] [5.1.2c]; nobody names them for it."""
    await allow(server, deferred_documents=True, deferral_longest_days=30)
    promise = await cleared(server, "02-02")
    server.clock.at = on("02-02")
    names = ("promise", "receipt", "demand", "proof")
    papers = {name: uploaded(server, "clerk", png(size), HANDLING) for size, name in enumerate(names[:3])}
    made = {"missing": ["场地证明", "验资报告"], "dueOn": "2026-02-12", "commitment": papers["promise"]}
    wrong = promise("clerk", "deferDocuments", on("02-02"), **made | {"commitment": UNKNOWN})
    assert wrong["problems"] == [{"field": "commitment", "code": "NO_SUCH_FILE"}]
    promise.done("clerk", "deferDocuments", on("02-02"), **made)
    server.clock.at = on("02-05")
    for name, day, mutation, item, more in (
        ("receipt", "02-05", "handInDocument", "receipt", {"document": "验资报告"}),
        ("demand", "02-13", "remindDocuments", "paper", {}),
        ("proof", "02-13", "serveReminder", "proof", {}),
    ):
        server.clock.at = on(day)
        papers[name] = uploaded(server, "clerk", png(len(name)), HANDLING)
        wrong = promise("clerk", mutation, on(day), **more, **{item: UNKNOWN})
        assert wrong["problems"] == [{"field": item, "code": "NO_SUCH_FILE"}]
        promise.done("clerk", mutation, on(day), **more, **{item: papers[name]})
    for name in names:
        seen(server, papers[name], {("clerk", HANDLING): 200, ("handler", HANDLING): 200, ("handler", None): 404})
    promise.done("handler", "collectDefault", on("02-26"), number="容缺-2026-1")
    of_the_default = {"promise", "demand", "proof"}
    for name in names:
        expected = 200 if name in of_the_default else 404
        seen(server, papers[name], {("handler", None): expected, ("other handler", None): 404, ("person-1", None): 200})


async def test_the_papers_of_a_visit_go_along_into_the_case_of_its_breach(server: RunningServer) -> None:
    """[5.1.3] [5.2.2] The authority's handler reads what the supervisor found, the subject does not."""
    paper = uploaded(server, "regulator", png(), "FOCUSED_CHECK")
    case = {"restraint": server.world.case("in-force").gid, "circumstance": "FALSE_MATERIAL", "basis": "示例依据"}
    given = {"facts": "再次提供虚假材料。", "evidence": [paper], "newCase": case}
    assert record(server, "regulator", "person-1", "NEW_BREACH", **given)["__typename"] == "FocusedCheckRecorded"
    nodes = server.ask("handler", CASES).data["restraintCases"]["nodes"]
    assert [node["handler"] for node in nodes if node["channel"] == "SUPERVISION_PUSH"] == ["handler-1"]
    readers = {("regulator", "FOCUSED_CHECK"): 200, ("handler", None): 200, ("other handler", None): 404}
    seen(server, paper, {**readers, ("person-1", None): 404})


# --- corrections [5.1.4(6)] [PIPL 46] --------------------------------------------------------------------------------


@on_both
async def test_the_answer_of_an_objection_goes_along_and_the_objection_stays(server: RunningServer) -> None:
    """Who corrects reads what the answering officer relies on, never what the subject gave with its objection."""
    hear, when = Hearing(server), server.clock.at
    given = uploaded(server, "person-1", png(1))
    asked = {"record": hear.person.gid, "text": "住址有误。", "evidence": [given]}
    raised = hear.objection("person-1", "raiseObjection", when, **asked)
    which = {"objection": raised["id"]}
    hear.objection("head", "assignObjection", when, **which, reviewer="reviewer-1")
    answer = uploaded(server, "reviewer", png(2), "REVIEW")
    granted = {"answer": "CORRECT", "items": ["ADDRESS"], "reasons": "属实", "evidence": [answer, given]}
    hear.objection("reviewer", "answerObjection", when, **which, **granted)
    nobody = {(who, None): 404 for who in ("person-2", "stranger", "clerk", "other clerk")} | {
        ("office", "SUPERVISION"): 404
    }
    elsewhere = "elsewhere head"
    server.know(elsewhere, Actor("head-5", Role.HEAD, WJJ))
    corrects = {("head", "DETERMINATION"): 200, ("handler", None): 200, (elsewhere, "DETERMINATION"): 404}
    # Who has answered is done with the objection and its files [5.1.4(6)] [5.1.6].
    seen(server, answer, {("reviewer", None): 404, ("person-1", None): 200, **corrects, **nobody})
    seen(server, given, {("reviewer", None): 404, ("person-1", None): 200, ("head", "DETERMINATION"): 404,
                         ("handler", None): 404, **nobody})  # fmt: skip

    mine = "query @purpose(is: DETERMINATION) { corrections(first: 50) { nodes { id items case { id } completedOn } } }"
    nodes = server.ask("head", mine).data["corrections"]["nodes"]
    (found,) = [one for one in nodes if one["items"] == ["ADDRESS"] and one["case"] is None]
    paper = uploaded(server, "head", png(3), "DETERMINATION")
    right = {"correction": found["id"], "address": "临淄区闻韶街道示例路9号"}
    wrong = hear("head", "correctSubject", when, **right, evidence=[UNKNOWN])
    assert wrong["problems"] == [{"field": "evidence", "code": "NO_SUCH_FILE"}]
    done = hear.correction("head", "correctSubject", when, **right, evidence=[paper])
    # The subject reads what its record was corrected on; the officers while it is open.
    after = 404 if done["completedOn"] else 200
    for reference in (answer, paper):
        seen(server, reference, {("person-1", None): 200, ("head", "DETERMINATION"): after, ("handler", None): after,
                                 **nobody})  # fmt: skip


async def test_the_answer_goes_along_into_a_contested_case(server: RunningServer) -> None:
    hear = Hearing(server)
    case = await hear.put("案-错")
    hear("handler", "publishCase", at(2, 26), case=case.gid)
    server.clock.at = at(3, 2)
    given = uploaded(server, "person-1", png(1))
    raised = hear.objection("person-1", "raiseObjection", at(3, 2), record=case.gid, text="有误", evidence=[given])
    which = {"objection": raised["id"]}
    hear.objection("head", "assignObjection", at(3, 3), **which, reviewer="reviewer-1")
    server.clock.at = at(3, 5)
    answer = uploaded(server, "reviewer", png(2), "REVIEW")
    granted = {"answer": "CORRECT", "items": ["BASIS"], "reasons": "属实", "evidence": [answer, given]}
    hear.objection("reviewer", "answerObjection", at(3, 5), **which, **granted)
    seen(server, answer, {("reviewer", None): 404, ("handler", None): 200, ("other handler", None): 404,
                          ("person-1", None): 404})  # fmt: skip
    seen(server, given, {("reviewer", None): 404, ("handler", None): 404, ("person-1", None): 200})


@on_both
async def test_the_papers_of_a_question_of_name_are_for_the_head(server: RunningServer) -> None:
    """They may be another person's, who has the same number on a document: the subject does not read them [5.1.3]."""
    card = uploaded(server, "clerk", png(1), HANDLING)
    wrong = server.world.party("person-2").document | {"name": "演示另名"}
    asked = registered(server, **wrong, nameConfirmed=True, evidence=[card])
    assert asked["__typename"] == "NameToConfirm"
    others = {("clerk", HANDLING): 404, ("handler", None): 404, ("reviewer", None): 404, ("office", "SUPERVISION"): 404}
    others |= {("person-2", None): 404, ("person-1", None): 404, ("other clerk", HANDLING): 404}
    seen(server, card, {("head", "DETERMINATION"): 200, ("head", "SUPERVISION"): 404, **others})
    done = Hearing(server).correction(
        "head", "correctSubject", server.clock.at, correction=asked["correction"], name="演示另名", evidence=[card]
    )
    assert done["doneOn"]
    seen(server, card, {("head", "DETERMINATION"): 404 if done["completedOn"] else 200, **others})


# --- delegations [5.1.6] ---------------------------------------------------------------------------------------------


@on_both
async def test_the_papers_of_a_delegation_are_for_its_parties_and_its_office(server: RunningServer) -> None:
    """The subject, the delegate while it is one, and the window that recorded it; nobody else, for no other purpose."""
    server.know("deputy", Actor("deputy-1", Role.AGENT))
    server.know("elsewhere head", Actor("head-5", Role.HEAD, WJJ))
    person = server.world.party("person-1")
    paper = uploaded(server, "clerk", png(1), HANDLING)
    given = terms(person.gid, delegate="deputy-1", scope=["IDENTITY"], powers=[])
    refused = act(server, "clerk", RECORD, **given | {"evidence": [UNKNOWN]})
    assert (refused["__typename"], refused["code"]) == ("NotDelegable", "FILE_UNKNOWN")
    recorded = act(server, "clerk", RECORD, **given | {"evidence": ["委托书-7", paper]})["delegation"]
    assert recorded["evidence"] == f"委托书-7；{paper}"
    parties = {("person-1", None): 200, ("clerk", HANDLING): 200}
    nobody: dict[tuple[str, str | None], int] = {
        ("clerk", "CREDIT_CHECK"): 404, ("other clerk", HANDLING): 404, ("handler", HANDLING): 404,
        ("handler", None): 404, ("reviewer", None): 404, ("head", "SUPERVISION"): 404, ("head", "DETERMINATION"): 404,
        ("elsewhere head", "SUPERVISION"): 404, ("office", "SUPERVISION"): 404, ("regulator", "FOCUSED_CHECK"): 404,
        ("agent", None): 404, ("person-2", None): 404, ("stranger", None): 404, ("auditor", "AUDIT"): 403,
        ("platform", "PLATFORM_EXCHANGE"): 403, ("admin", "SUPERVISION"): 403, ("association", "CONSULTATION"): 403,
    }  # fmt: skip
    seen(server, paper, {**parties, ("deputy", None): 200, **nobody})

    again = act(server, "clerk", RECORD, **given | {"delegate": "deputy-2", "evidence": [paper]})
    assert again["code"] == "FILE_UNKNOWN", "it belongs to the other delegation"
    letter = uploaded(server, "person-1", png(2))
    ended = act(server, "person-1", END, delegation=recorded["id"], evidence=[letter])["delegation"]
    assert ended["endEvidence"] == letter
    for reference in (paper, letter):
        seen(server, reference, {**parties, ("deputy", None): 404, **nobody})


async def test_a_company_records_its_officer_with_a_file(server: RunningServer) -> None:
    server.know("officer", Actor("deputy-1", Role.AGENT))
    paper = uploaded(server, "company-1", png(1))
    given = terms(server.world.party("company-1").gid, kind="OFFICER", evidence=[paper])
    assert act(server, "company-1", RECORD, **given)["__typename"] == "DelegationChanged"
    seen(server, paper, {("company-1", None): 200, ("officer", None): 200, ("clerk", HANDLING): 404})


@on_both
async def test_a_contested_guardianship_rests_until_somebody_else_decides(server: RunningServer) -> None:
    """Neither a child nor its guardian ends it; a contest wins the child no consent of its own [PIPL 31]."""
    child = born(server, 10, "child")
    server.know("mother", Actor("guardian-1", Role.AGENT))
    server.know("clerk as head", Actor("clerk-1", Role.HEAD, SCJG))
    server.know("elsewhere head", Actor("head-5", Role.HEAD, WJJ))
    paper = uploaded(server, "clerk", png(1), HANDLING)
    given = terms(child, kind="GUARDIAN", delegate="guardian-1", evidence=[paper])
    guardian = act(server, "clerk", RECORD, **given)["delegation"]
    soon = (TODAY + timedelta(days=7)).isoformat()
    wanted = {"subject": child, "purpose": "CREDIT_CHECK", "expiresOn": soon, "uses": 1}
    asked = server.ask("clerk", REQUEST, {"input": wanted}).data["requestAuthorisation"]["authorisation"]["id"]
    for who in ("child", "mother"):
        assert act(server, who, END, delegation=guardian["id"])["code"] == "GUARDIANSHIP_ENDS_BY_LAW", who
    for who in ("head", "office", "elsewhere head"):
        assert fetch(server, who, paper, "SUPERVISION").status_code == 404, who

    contested = act(server, "child", CONTEST, delegation=guardian["id"], expectedVersion=1)["delegation"]
    assert (contested["isLive"], contested["withdrawnAt"], contested["version"]) == (False, None, 2)
    assert server.ask("mother", MINE).data["mySubject"] is None
    for who, code in (("child", "GUARDIAN_REQUIRED"), ("mother", "NOT_FOUND")):
        reply = server.ask(who, GRANT, {"input": {"authorisation": asked}}).data["grantAuthorisation"]
        assert reply["code"] == code, who
    assert act(server, "child", RECORD, **terms(child))["code"] == "GUARDIAN_ACTS"
    again = {**given, "delegate": "guardian-2", "evidence": ["户口簿-9"]}
    assert act(server, "clerk", RECORD, **again)["code"] == "GUARDIANSHIP_IN_DISPUTE"
    told = server.ask("child", MINE).data["myNotifications"]["nodes"]
    assert "GUARDIANSHIP_CONTESTED" in {one["topic"] for one in told}

    for who in ("head", "office"):
        tasks = server.ask(who, TASKS).data["worklist"]["nodes"]
        (task,) = [one for one in tasks if one["step"] == "DECIDE_GUARDIANSHIP"]
        assert (task["delegation"]["id"], task["subject"]["id"]) == (guardian["id"], child), who
        assert (task["delegation"]["kind"], task["delegation"]["evidence"]) == ("GUARDIAN", paper), who
        assert fetch(server, who, paper, "SUPERVISION").content == png(1), who
    readers = {
        ("child", None): 200,
        ("mother", None): 404,
        ("clerk", HANDLING): 200,
        ("elsewhere head", "SUPERVISION"): 404,
    }
    seen(server, paper, readers)
    elsewhere = server.ask("elsewhere head", TASKS).data["worklist"]["nodes"]
    assert "DECIDE_GUARDIANSHIP" not in {one["step"] for one in elsewhere}

    def decide(who: str, finding: str, evidence: list[str]) -> dict[str, Any]:
        decided = {"delegation": guardian["id"], "finding": finding, "evidence": evidence}
        reply = server.ask(who, DECIDE, {"i": decided}, headers={"Access-Purpose": "SUPERVISION"})
        found: dict[str, Any] = reply.data["decideGuardianship"]
        return found

    assert decide("clerk as head", "HOLDS", ["户口簿-9"])["code"] == "GUARDIANSHIP_RECORDER_CANNOT_DECIDE"
    assert decide("elsewhere head", "HOLDS", ["户口簿-9"])["__typename"] == "NotFound"
    answer = uploaded(server, "head", png(2), "SUPERVISION")
    held = decide("head", "HOLDS", [answer])
    assert (held["__typename"], held["delegation"]["isLive"]) == ("DelegationChanged", True)
    assert server.ask("mother", MINE).data["mySubject"]["name"] == "演示小辛"
    for reference in (paper, answer):
        seen(server, reference, {**readers, ("mother", None): 200, ("head", "SUPERVISION"): 200})
    granted = server.ask("mother", GRANT, {"input": {"authorisation": asked}}).data["grantAuthorisation"]
    assert granted["authorisation"]["status"] == "LIVE"
    assert act(server, "child", CONTEST, delegation=guardian["id"])["code"] == "GUARDIANSHIP_CONTESTED_BEFORE"


async def test_a_guardianship_contested_on_paper(server: RunningServer) -> None:
    """[5.1.6] Another clerk of the office enters it with its file, which who decides reads; the subject is notified."""
    child = born(server, 10, "child")
    server.know("second clerk", Actor("clerk-8", Role.CLERK, SCJG))
    server.know("second clerk as head", Actor("clerk-8", Role.HEAD, SCJG))
    given = terms(child, kind="GUARDIAN", delegate="guardian-1", evidence=["户口簿-1"])
    guardian = act(server, "clerk", RECORD, **given)["delegation"]["id"]
    letter = {"delegation": guardian, "on": TODAY.isoformat()}
    server.clock.at += timedelta(days=1)
    mine = uploaded(server, "clerk", png(1), HANDLING)
    assert act(server, "clerk", ENTER, **letter, evidence=mine)["code"] == "GUARDIANSHIP_RECORDER_CANNOT_CONTEST"
    assert act(server, "second clerk", ENTER, **letter, evidence=mine)["code"] == "FILE_UNKNOWN"
    paper = uploaded(server, "second clerk", png(2), HANDLING)
    assert act(server, "second clerk", ENTER, **letter, evidence=paper)["delegation"]["isLive"] is False
    told = server.ask("child", MINE).data["myNotifications"]["nodes"]
    assert "GUARDIANSHIP_CONTESTED" in {one["topic"] for one in told}
    seen(server, paper, {("child", None): 200, ("head", "SUPERVISION"): 200, ("office", "SUPERVISION"): 200})
    sheets = server.ask("office", FIGURES).data["figures"]["departments"]
    assert sum(each["lateEntries"] for each in sheets) == 1, "posted the day before [6.1]"
    decided = {"delegation": guardian, "finding": "HOLDS", "evidence": ["户口簿-9"]}
    for who, code in (("second clerk as head", "GUARDIANSHIP_RECORDER_CANNOT_DECIDE"), ("head", None)):
        reply = server.ask(who, DECIDE, {"i": decided}, headers={"Access-Purpose": "SUPERVISION"})
        assert reply.data["decideGuardianship"].get("code") == code, who


@on_both
async def test_a_contest_does_not_make_an_adult_restrainable_and_its_success_does(server: RunningServer) -> None:
    """[3.2] [Shandong 2] The protection stands until somebody has looked at the papers."""
    subject = born(server, 40, "ward")
    found = collect(server, subject=None, person=document(40), number="临市监〔2026〕40号")
    step, now = Steps(server, found["case"]["id"]), server.clock.at
    guardian = {"kind": "GUARDIAN", "delegate": "guardian-2", "evidence": ["特别程序判决-5"]}
    given = terms(subject, **guardian, startsOn="2026-01-01", expiresOn="2026-12-31")
    recorded = act(server, "clerk", RECORD, **given)["delegation"]
    finding = {"evidence": ["卷宗-2026-07"], "severity": SHORT}
    assert step("handler", "verifyCase", february(10), **finding)["code"] == "WITHOUT_FULL_CAPACITY"
    act(server, "ward", CONTEST, delegation=recorded["id"])
    assert step("handler", "verifyCase", february(10), **finding)["code"] == "WITHOUT_FULL_CAPACITY"
    decided = {"delegation": recorded["id"], "finding": "NEVER_HELD", "evidence": ["查档-1"]}
    server.ask("office", DECIDE, {"i": decided}, headers={"Access-Purpose": "SUPERVISION"})
    assert step.done("handler", "verifyCase", february(10), **finding) == "VERIFIED"
    server.clock.at = now


# --- evidence that a minor lives on its own work [3.2] ----------------------------------------------------------------


async def test_evidence_of_self_support_can_be_a_file(server: RunningServer) -> None:
    """Its handler reads it like the other evidence of the case; the determination rests on it too."""
    born(server, 17, "teen")
    found = collect(server, subject=None, person=document(17), number="临市监〔2026〕17号")
    step = Steps(server, found["case"]["id"])
    finding = {"evidence": ["卷宗-2026-07"], "severity": SHORT}
    server.clock.at = february(10, 9)
    contract = uploaded(server, "handler", png(1))
    wrong = step("handler", "verifyCase", february(10), **finding, selfSupport=[UNKNOWN])
    assert wrong["problems"] == [{"field": "selfSupport", "code": "NO_SUCH_FILE"}]
    step.done("handler", "verifyCase", february(10), **finding, selfSupport=[contract])
    seen(server, contract, {("handler", None): 200, ("other handler", None): 404, ("teen", None): 404})
    step.done("handler", "noticeCase", february(11))
    step.done("handler", "serveCase", february(13), evidence=["回执-2026-07"], means="ON_THE_SPOT")
    determination = {"severity": SHORT, "legalDocument": "临审告字〔2026〕第17号"}
    assert step.done("handler", "determineCase", february(26), **determination) == "DETERMINED"
