"""From the window to an incentive: checked in one call, granted or refused by name at that moment [4] [3.3] [5.2.1]."""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, update

from gateway.joint_measures.fake_server import FakeServerBehaviour, peer
from queryplan.entities import Entity
from schema.core.global_ids import encode
from storage import tables
from tests.builders import HEALTH, TODAY, WJJ, Held, Party, live_authorisation
from tests.builders.restraints import put_case, remove_restraints
from tests.databases import on_both
from tests.gateway.fakes import ServerThread
from tests.journeys.running_server import RunningServer, open_server
from tests.journeys.support.documents import WITHDRAW
from tests.schema.service import settings_for

TOKEN = "token-of-the-journeys"
MEMORANDUM = "示例联合惩戒备忘录"
OPTIONS: dict[str, Any] = {"log_config": None, "access_log": False}
FILE = """
mutation File($input: FileApplicationInput!) @purpose(is: APPLICATION_HANDLING) {
  fileApplication(input: $input) {
    __typename ... on ApplicationChanged { application { id number status version facilitation } }
    ... on Refusal { code }
  }
}
"""
STEP = """
mutation Step($input: %s!) @purpose(is: %s) {
  %sApplication(input: $input) {
    __typename ... on ApplicationChanged { application { status outcome version } } ... on Refusal { code message }
  }
}
"""
ACCEPT = STEP % ("ApplicationInput", "APPLICATION_HANDLING", "accept")
DECIDE = STEP % ("DecideApplicationInput", "APPLICATION_HANDLING", "decide")
TAKE_BACK = STEP % ("ApplicationInput", "APPLICATION_HANDLING", "withdraw")
"""As an officer, who withdraws nothing without a paper of the applicant."""
CHECK = """
mutation Check($input: CheckCreditInput!) @purpose(is: CREDIT_CHECK) {
  checkCredit(input: $input) {
    __typename
    ... on CreditChecked { check { id finding memoranda purpose by answers { source finding memorandum kind reason } } }
    ... on Refusal { code message messageEn }
    ... on RefusalWithWayOut { wayOut }
  }
}
"""
GRANT = """
mutation Grant($input: GrantIncentiveInput!) @purpose(is: APPLICATION_HANDLING) {
  grantIncentive(input: $input) {
    __typename
    ... on IncentiveGranted { application { facilitation version } grant { incentive helper check { finding } } }
    ... on Refusal { code message messageEn }
    ... on RefusalWithWayOut { wayOut wayOutEn }
    ... on Restrained { until }
    ... on AdverseRecord { source }
    ... on GovernedByMemorandum { memorandum }
  }
}
"""
OWN = """
query Own @purpose(is: SELF_ACCESS) {
  creditChecks { totalCount nodes { finding department { code } answers { source finding } authorisation { id } } }
  mySubject { applications { nodes { number creditChecks { nodes { finding } } incentives { nodes { incentive } } } } }
}
"""
LOG = """
query Log @purpose(is: SELF_ACCESS) {
  myAccessLog(first: 50) { nodes { purpose basis citation fieldsShown { field form } } }
}
"""


@contextmanager
def city(behaviour: FakeServerBehaviour) -> Iterator[str]:
    """Serve the joint module over real HTTP on the loopback; gives its address."""
    with ServerThread(peer(behaviour, TOKEN), OPTIONS) as running:
        yield running.url


@pytest.fixture
def behaviour() -> FakeServerBehaviour:
    return FakeServerBehaviour()


@pytest.fixture
async def server(
    database_url: str, kek: Path, tmp_path: Path, behaviour: FakeServerBehaviour
) -> AsyncIterator[RunningServer]:
    token = tmp_path / "joint.token"
    token.write_text(f"{TOKEN}\n")
    with city(behaviour) as url:
        settings = settings_for(
            kek, database_url, LOG_FORMAT="json", JOINT_MEASURES_URL=url, JOINT_MEASURES_TOKEN_FILE=str(token),
            JOINT_MEASURES_SECONDS="2.0", JOINT_MEASURES_ATTEMPTS="2", JOINT_MEASURES_FAILURES="2",
            JOINT_MEASURES_PAUSE_SECONDS="60",
        )  # fmt: skip
        async with open_server(settings) as opened:
            every = {"green_channel": True, "facilitation_basis": "临审〔2026〕示例1号"}
            await opened.database.write((update(tables.matters).values(every), None))
            yield opened


async def counted(server: RunningServer) -> dict[str, int]:
    """Count the rows of every table but the index of disclosures, which a job fills meanwhile."""
    return {
        table.name: (await server.database.fetch(select(func.count()).select_from(table)))[0][0]
        for table in tables.metadata.sorted_tables
        if table not in {tables.disclosed_subjects, tables.unindexed_disclosures}
    }


def filed(server: RunningServer, party: Party, **more: object) -> str:
    """File an application of *party* at the clerk's window; gives its id."""
    given = {"person": party.document, "matter": encode(Entity.MATTER, "SCJG-01"), **more}
    done = server.ask("clerk", FILE, {"input": given}).data["fileApplication"]
    assert done["__typename"] == "ApplicationChanged", done
    return str(done["application"]["id"])


def check(server: RunningServer, application: str, **more: object) -> dict[str, Any]:
    done: dict[str, Any] = server.ask("clerk", CHECK, {"input": {"application": application, **more}}).data
    return done["checkCredit"]  # type: ignore[no-any-return]  # an object, by the schema


def grant(server: RunningServer, application: str, who: str = "clerk", **more: object) -> dict[str, Any]:
    given = {"application": application, "incentive": "GREEN_CHANNEL", "helper": "helper-7", **more}
    done: dict[str, Any] = server.ask(who, GRANT, {"input": given}).data
    return done["grantIncentive"]  # type: ignore[no-any-return]  # as above


async def authorised(server: RunningServer, name: str) -> tuple[Party, str, Held]:
    """A party with an application and a live authorisation for the clerk's department."""
    party = server.world.party(name)
    held = await live_authorisation(server.database, server.world, party)
    return party, filed(server, party), held


@on_both
async def test_clean_in_both_sources_goes_through_the_green_channel(
    server: RunningServer, behaviour: FakeServerBehaviour
) -> None:
    """[4.1] [4.2.1]"""
    await remove_restraints(server.database, server.world)
    party, application, _ = await authorised(server, "trader-1")
    done = check(server, application)["check"]
    assert (done["finding"], done["purpose"], done["by"]) == ("CLEAN", "CREDIT_CHECK", "clerk-1")
    assert [(one["source"], one["finding"]) for one in done["answers"]] == [
        ("RESTRAINT_LIST", "CLEAN"),
        ("JOINT_MEASURES", "CLEAN"),
    ]
    (asked,) = behaviour.asked
    assert asked["subject"] == {"kind": "SOCIAL_CREDIT_CODE", "number": party.number}
    assert party.number not in asked["address"]

    granted = grant(server, application, expectedVersion=1)
    assert granted["application"] == {"facilitation": "GREEN_CHANNEL", "version": 2}
    assert granted["grant"] == {"incentive": "GREEN_CHANNEL", "helper": "helper-7", "check": {"finding": "CLEAN"}}
    assert grant(server, application)["code"] == "ALREADY_GRANTED"

    own = server.ask("trader-1", OWN).data
    assert own["creditChecks"]["totalCount"] == 1
    assert own["creditChecks"]["nodes"][0]["department"] == {"code": "LZ-SCJG"}
    (mine,) = own["mySubject"]["applications"]["nodes"]
    assert mine["creditChecks"] == {"nodes": [{"finding": "CLEAN"}]}
    assert mine["incentives"] == {"nodes": [{"incentive": "GREEN_CHANNEL"}]}
    entries = server.ask("trader-1", LOG).data["myAccessLog"]["nodes"]
    (sent,) = [entry for entry in entries if entry["basis"] == "CONSENT"]
    assert {one["field"]: one["form"] for one in sent["fieldsShown"]} == {
        "SoleTrader.isRestrained": "CLEAR",
        "SoleTrader.identifier": "CLEAR",
    }
    assert party.number not in server.lines.getvalue()


async def test_without_authorisation_the_ordinary_channel_and_no_trace_at_all(
    server: RunningServer, behaviour: FakeServerBehaviour
) -> None:
    """[4.1] [5.1.6]"""
    application = filed(server, server.world.party("person-1"))
    before = await counted(server)
    done = check(server, application, idempotencyKey="window-1:1")
    assert (done["__typename"], done["code"]) == ("OrdinaryChannel", "ORDINARY_CHANNEL")
    assert "requestAuthorisation" in done["wayOut"]
    assert await counted(server) == before
    assert behaviour.asked == []
    # A refused request, a withdrawn one and none at all look alike, and the application goes on.
    for state in ("refused", "withdrawn", "contested", "expired", "used up"):
        held = server.world.authorisation(state)
        party = next(one for one in server.world.parties.values() if one.subject_id == held.subject_id)
        other = filed(server, party)
        before = await counted(server)
        assert check(server, other) == done
        assert await counted(server) == before
    assert server.ask("clerk", ACCEPT, {"input": {"application": application}}).data["acceptApplication"][
        "application"
    ] == {"status": "ACCEPTED", "outcome": None, "version": 2}
    assert grant(server, application)["__typename"] == "CheckMissing"


async def test_an_adverse_record_names_its_source(server: RunningServer, behaviour: FakeServerBehaviour) -> None:
    """[4.1]"""
    party, application, _ = await authorised(server, "club-1")
    behaviour.answers[party.number] = ("ADVERSE", None)
    assert check(server, application)["check"]["finding"] == "ADVERSE"
    refused = grant(server, application)
    assert (refused["__typename"], refused["source"]) == ("AdverseRecord", "JOINT_MEASURES")
    assert refused["wayOut"]
    assert refused["wayOutEn"]


async def test_our_own_list_counts_as_a_source(server: RunningServer) -> None:
    """[4.1] [5.2.1]"""
    _, application, _ = await authorised(server, "person-1")
    done = check(server, application)["check"]
    assert done["finding"] == "ADVERSE"
    assert done["answers"][0] == {
        "source": "RESTRAINT_LIST",
        "finding": "ADVERSE",
        "memorandum": None,
        "kind": None,
        "reason": None,
    }
    refused = grant(server, application)
    assert (refused["__typename"], refused["until"]) == ("Restrained", "2027-05-02")


async def test_who_is_governed_by_a_memorandum_follows_that(
    server: RunningServer, behaviour: FakeServerBehaviour
) -> None:
    """[3.3]"""
    party, application, _ = await authorised(server, "club-1")
    behaviour.answers[party.number] = ("GOVERNED", MEMORANDUM)
    done = check(server, application)["check"]
    assert (done["finding"], done["memoranda"]) == ("GOVERNED", [MEMORANDUM])
    refused = grant(server, application)
    assert (refused["__typename"], refused["memorandum"]) == ("GovernedByMemorandum", MEMORANDUM)


async def test_a_reward_memorandum_is_named_and_bars_nothing(
    server: RunningServer, behaviour: FakeServerBehaviour
) -> None:
    """[3.3] [4.1]"""
    party, application, _ = await authorised(server, "club-1")
    behaviour.answers[party.number], behaviour.kind = ("GOVERNED", MEMORANDUM), "REWARD"
    done = check(server, application)["check"]
    assert (done["finding"], done["memoranda"]) == ("CLEAN", [MEMORANDUM])
    assert (done["answers"][1]["finding"], done["answers"][1]["kind"]) == ("GOVERNED", "REWARD")
    assert grant(server, application)["__typename"] == "IncentiveGranted"


@on_both
async def test_restrained_between_check_and_grant_is_refused_at_that_moment(server: RunningServer) -> None:
    """[5.2.1]"""
    party, application, _ = await authorised(server, "club-1")
    assert check(server, application)["check"]["finding"] == "CLEAN"
    await put_case(
        server.database, server.world, party, "案-900", department_code=WJJ, sector_code=HEALTH, published_on=TODAY,
        ends_on=TODAY + timedelta(days=181),
    )  # fmt: skip
    refused = grant(server, application)
    assert (refused["__typename"], refused["code"]) == ("Restrained", "RESTRAINED")
    assert refused["until"] == (TODAY + timedelta(days=181)).isoformat()
    entries = server.ask("club-1", LOG).data["myAccessLog"]["nodes"]
    notified = [entry for entry in entries if entry["citation"] == "4.1 5.2.1"]
    assert [{one["field"] for one in entry["fieldsShown"]} for entry in notified] == [
        {"OtherOrganisation.isRestrained", "RestraintCase.endsOn"}
    ]


async def test_a_check_of_yesterday_is_stale(server: RunningServer) -> None:
    """[5.2.1]"""
    _, application, _ = await authorised(server, "club-1")
    check(server, application)
    server.clock.at += timedelta(days=1)
    assert grant(server, application)["__typename"] == "CheckStale"


async def test_whoever_withdraws_consent_is_asked_no_more(
    server: RunningServer, behaviour: FakeServerBehaviour
) -> None:
    """[5.1.6]"""
    _, application, held = await authorised(server, "club-1")
    assert check(server, application)["check"]["finding"] == "CLEAN"
    done = server.ask("club-1", WITHDRAW, {"input": {"authorisation": held.gid}}).data
    assert done["withdrawAuthorisation"]["authorisation"]["status"] == "WITHDRAWN"
    assert check(server, application)["__typename"] == "OrdinaryChannel"
    assert grant(server, application)["__typename"] == "CheckMissing"
    assert len(behaviour.asked) == 1


@pytest.mark.parametrize(
    ("case", "misbehaves", "reason", "times"),
    [
        ("slow", {"slow_seconds": 5.0}, "TOO_SLOW", 2),
        ("refuses", {"refuse": 403}, "REFUSED", 1),
        ("fails", {"fail_times": 9}, "UNREACHABLE", 2),
        ("no JSON", {"body": b"<html>"}, "MALFORMED", 1),
        ("a finding of its own", {"body": b'{"finding": "FINE"}'}, "MALFORMED", 1),
        ("governed by nothing", {"body": b'{"finding": "GOVERNED"}'}, "MALFORMED", 1),
        ("clean, and under a memorandum", {"body": b'{"finding": "CLEAN", "memorandum": "x"}'}, "MALFORMED", 1),
        ("no object", {"body": b"[]"}, "MALFORMED", 1),
        ("too long", {"body": b" " * 20_000 + b"{}"}, "MALFORMED", 1),
    ],
)
async def test_whatever_the_module_does_wrong_is_unknown_and_never_clean(
    server: RunningServer,
    behaviour: FakeServerBehaviour,
    case: str,
    misbehaves: dict[str, Any],
    reason: str,
    times: int,
) -> None:
    """[4.1]"""
    _, application, _ = await authorised(server, "club-1")
    for name, value in misbehaves.items():
        setattr(behaviour, name, value)
    done = check(server, application)["check"]
    assert done["finding"] == "UNKNOWN", case
    assert done["answers"][1]["reason"] == reason
    assert len(behaviour.asked) == times
    refused = grant(server, application)
    assert refused["__typename"] == "SourceUnknown"
    assert refused["wayOut"]


async def test_one_failure_is_tried_again_and_the_answer_counts(
    server: RunningServer, behaviour: FakeServerBehaviour
) -> None:
    _, application, _ = await authorised(server, "club-1")
    behaviour.fail_times = 1
    assert check(server, application)["check"]["finding"] == "CLEAN"
    assert len({one["request"] for one in behaviour.asked}) == 1
    assert len(behaviour.asked) == 2


async def test_a_module_that_keeps_failing_is_left_alone(server: RunningServer, behaviour: FakeServerBehaviour) -> None:
    """[4.1]"""
    _, application, _ = await authorised(server, "club-1")
    behaviour.fail_times = 99
    reasons = [check(server, application)["check"]["answers"][1]["reason"] for _ in range(3)]
    assert reasons == ["UNREACHABLE", "UNREACHABLE", "PAUSED"]
    assert len(behaviour.asked) == 4  # two attempts each, and none while the circuit is open


@on_both
async def test_one_key_asks_once_and_uses_the_authorisation_once(
    server: RunningServer, behaviour: FakeServerBehaviour
) -> None:
    _, application, held = await authorised(server, "club-1")
    first = check(server, application, idempotencyKey="window-1:2")
    assert check(server, application, idempotencyKey="window-1:2") == first
    assert len(behaviour.asked) == 1
    other = filed(server, server.world.party("club-1"))
    assert check(server, other, idempotencyKey="window-1:2")["code"] == "KEY_REUSED"
    made = select(tables.authorisations.c.uses_made).where(tables.authorisations.c.authorisation_id == held.row_id)
    assert await server.database.fetch(made) == [(1,)]


async def test_an_authorisation_without_the_number_lets_nobody_ask_the_city(
    server: RunningServer, behaviour: FakeServerBehaviour
) -> None:
    """[5.1.6]"""
    application = filed(server, server.world.party("club-2"))
    await remove_restraints(server.database, server.world)
    done = check(server, application)["check"]
    assert [one["reason"] for one in done["answers"]] == [None, "NOT_AUTHORISED"]
    assert done["finding"] == "UNKNOWN"
    assert behaviour.asked == []


async def test_an_application_goes_from_the_window_to_its_outcome(server: RunningServer) -> None:
    """[4.2]"""
    party = server.world.party("person-1")
    application = filed(server, party, number="办-2026-0001", idempotencyKey="window-1:3")
    assert filed(server, party, number="办-2026-0001", idempotencyKey="window-1:3") == application
    given = {"subject": party.gid, "matter": encode(Entity.MATTER, "SCJG-01"), "number": "办-2026-0001"}
    assert server.ask("clerk", FILE, {"input": given}).data["fileApplication"]["code"] == "NUMBER_TAKEN"
    other = given | {"matter": encode(Entity.MATTER, "WJJ-01"), "number": "办-2"}
    assert server.ask("clerk", FILE, {"input": other}).data["fileApplication"]["code"] == "MATTER_NOT_HERE"
    numbered = server.ask("clerk", FILE, {"input": given | {"number": party.number}})
    assert numbered.data["fileApplication"]["__typename"] == "NotWellFormed"
    assert party.number not in numbered.response.text

    which = {"application": application}
    early = server.ask("clerk", DECIDE, {"input": which | {"outcome": "APPROVED"}}).data["decideApplication"]
    assert early["code"] == "NOT_ACCEPTED_YET"
    assert server.ask("other clerk", ACCEPT, {"input": which}).data["acceptApplication"]["__typename"] == "NotFound"
    done = server.ask("handler", ACCEPT, {"input": which | {"expectedVersion": 1}}).data["acceptApplication"]
    assert done["application"] == {"status": "ACCEPTED", "outcome": None, "version": 2}
    again = server.ask("clerk", ACCEPT, {"input": which}).data["acceptApplication"]
    assert again["code"] == "ALREADY_ACCEPTED"
    stale = server.ask("clerk", DECIDE, {"input": which | {"outcome": "APPROVED", "expectedVersion": 1}})
    assert stale.data["decideApplication"]["__typename"] == "Collision"
    done = server.ask("clerk", DECIDE, {"input": which | {"outcome": "APPROVED"}}).data["decideApplication"]
    assert done["application"] == {"status": "DECIDED", "outcome": "APPROVED", "version": 3}
    assert check(server, application)["code"] == "APPLICATION_OVER"
    assert grant(server, application)["code"] == "APPLICATION_OVER"


async def test_the_applicant_withdraws_at_any_time_before_the_decision(server: RunningServer) -> None:
    """[4.2]"""
    application = filed(server, server.world.party("person-1"))
    own = STEP % ("ApplicationInput", "SELF_ACCESS", "withdraw")
    which = {"input": {"application": application}}
    for stranger in ("person-2", "stranger"):
        assert server.ask(stranger, own, which).data["withdrawApplication"]["__typename"] == "NotFound"
    assert server.ask("person-1", own, which).data["withdrawApplication"]["application"]["status"] == "WITHDRAWN"
    assert server.ask("person-1", own, which).data["withdrawApplication"]["code"] == "APPLICATION_OVER"
    assert server.ask("clerk", TAKE_BACK, which).data["withdrawApplication"]["__typename"] == "NotFound"
    delegated = filed(server, server.world.party("person-1"))
    done = server.ask("agent", own, {"input": {"application": delegated}}).data["withdrawApplication"]
    assert done["application"]["outcome"] == "WITHDRAWN"


async def test_nobody_else_sees_a_check(server: RunningServer) -> None:
    """[5.1.6]"""
    _, application, _ = await authorised(server, "club-1")
    check(server, application)
    query = "query @purpose(is: %s) { creditChecks { totalCount } }"
    # person-1 has an older check of the same department in this world; its application is decided [4.2].
    for who, purpose, count in (
        ("clerk", "CREDIT_CHECK", 1), ("clerk", "APPLICATION_HANDLING", 1), ("other clerk", "CREDIT_CHECK", 0),
        ("handler", "APPLICATION_HANDLING", 1),
        ("club-1", "SELF_ACCESS", 1), ("person-1", "SELF_ACCESS", 1), ("person-2", "SELF_ACCESS", 0),
    ):  # fmt: skip
        assert server.ask(who, query % purpose).data["creditChecks"] == {"totalCount": count}, (who, purpose)
    for who, purpose in (
        ("regulator", "FOCUSED_CHECK"), ("handler", "DETERMINATION"), ("head", "SUPERVISION"),
        ("office", "SUPERVISION"), ("auditor", "AUDIT"), ("platform", "PLATFORM_EXCHANGE"),
        ("association", "CONSULTATION"), ("admin", "AUDIT"),
    ):  # fmt: skip
        assert server.ask(who, query % purpose).status == 403, (who, purpose)


async def test_a_check_of_a_confidential_application_is_as_confidential(server: RunningServer) -> None:
    """[5.1.6]"""
    _, application, _ = await authorised(server, "club-1")
    check(server, application)
    await server.database.write((update(tables.applications).values(confidential=True), None))
    query = "query @purpose(is: %s) { creditChecks { totalCount } }"
    for who, purpose in (("clerk", "CREDIT_CHECK"), ("club-1", "SELF_ACCESS")):
        assert server.ask(who, query % purpose).data["creditChecks"] == {"totalCount": 0}
    assert check(server, application)["__typename"] == "NotFound"


async def test_incentives_are_data_for_everybody(server: RunningServer) -> None:
    """[4.2.4]"""
    asked = server.ask("anonymous", "{ incentives { code name nameEn clause channel needs } }").data["incentives"]
    assert [one["code"] for one in asked] == ["GREEN_CHANNEL", "DEFERRED_DOCUMENTS", "COMMITMENT"]
    assert asked[0]["needs"] == ["HELPER"]
    assert server.ask("anonymous", '{ incentives(on: "2022-05-24") { code } }').data["incentives"] == []
