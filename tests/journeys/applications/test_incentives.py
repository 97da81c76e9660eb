"""From the window to an incentive: checked in one call, granted or refused by name at that moment [4] [3.3] [5.2.1]."""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, insert, select, update

from gateway.joint_measures.fake_server import Behaviour, peer
from queryplan.plan import Entity
from schema.core.global_ids import encode
from storage import tables
from tests.builders import NOW, TODAY, Held, Party, live_authorisation
from tests.gateway.fakes import Running
from tests.journeys.running_server import Street, open_street
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
CHECK = """
mutation Check($input: CheckCreditInput!) @purpose(is: CREDIT_CHECK) {
  checkCredit(input: $input) {
    __typename
    ... on CreditChecked { check { id finding memoranda purpose by answers { source finding memorandum reason } } }
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
def city(behaviour: Behaviour) -> Iterator[str]:
    """Serve the joint module over real HTTP on the loopback; gives its address."""
    with Running(peer(behaviour, TOKEN), OPTIONS) as running:
        yield running.url


@pytest.fixture
def behaviour() -> Behaviour:
    return Behaviour()


@pytest.fixture
async def street(database_url: str, kek: Path, tmp_path: Path, behaviour: Behaviour) -> AsyncIterator[Street]:
    token = tmp_path / "joint.token"
    token.write_text(f"{TOKEN}\n")
    with city(behaviour) as url:
        settings = settings_for(
            kek, database_url, LOG_FORMAT="json", JOINT_MEASURES_URL=url, JOINT_MEASURES_TOKEN_FILE=str(token),
            JOINT_MEASURES_SECONDS="2.0", JOINT_MEASURES_ATTEMPTS="2", JOINT_MEASURES_FAILURES="2",
            JOINT_MEASURES_PAUSE_SECONDS="60",
        )  # fmt: skip
        async with open_street(settings) as opened:
            every = {"green_channel": True, "facilitation_basis": "临审〔2026〕示例1号"}
            await opened.database.write((update(tables.matters).values(every), None))
            yield opened


async def counted(street: Street) -> dict[str, int]:
    """Count the rows of every table."""
    return {
        table.name: (await street.database.fetch(select(func.count()).select_from(table)))[0][0]
        for table in tables.metadata.sorted_tables
    }


def filed(street: Street, party: Party, **more: object) -> str:
    """File an application of *party* at the clerk's window; gives its id."""
    given = {"subject": party.gid, "matter": encode(Entity.MATTER, "SCJG-01"), **more}
    done = street.ask("clerk", FILE, {"input": given}).data["fileApplication"]
    assert done["__typename"] == "ApplicationChanged", done
    return str(done["application"]["id"])


def check(street: Street, application: str, **more: object) -> dict[str, Any]:
    done: dict[str, Any] = street.ask("clerk", CHECK, {"input": {"application": application, **more}}).data
    return done["checkCredit"]  # type: ignore[no-any-return]  # an object, by the schema


def grant(street: Street, application: str, who: str = "clerk", **more: object) -> dict[str, Any]:
    given = {"application": application, "incentive": "GREEN_CHANNEL", "helper": "helper-7", **more}
    done: dict[str, Any] = street.ask(who, GRANT, {"input": given}).data
    return done["grantIncentive"]  # type: ignore[no-any-return]  # as above


async def authorised(street: Street, name: str) -> tuple[Party, str, Held]:
    """A party with an application and a live authorisation for the clerk's department."""
    party = street.world.party(name)
    held = await live_authorisation(street.database, street.world, party)
    return party, filed(street, party), held


async def test_clean_in_both_sources_goes_through_the_green_channel(street: Street, behaviour: Behaviour) -> None:
    """[4.1] [4.2.1]"""
    await street.database.write((update(tables.restraint_cases).values(removed_on=TODAY, removal="WRONG"), None))
    party, application, _ = await authorised(street, "trader-1")
    done = check(street, application)["check"]
    assert (done["finding"], done["purpose"], done["by"]) == ("CLEAN", "CREDIT_CHECK", "clerk-1")
    assert [(one["source"], one["finding"]) for one in done["answers"]] == [
        ("RESTRAINT_LIST", "CLEAN"),
        ("JOINT_MEASURES", "CLEAN"),
    ]
    (asked,) = behaviour.asked
    assert asked["subject"] == {"kind": "SOCIAL_CREDIT_CODE", "number": party.number}
    assert party.number not in asked["address"]

    granted = grant(street, application, expectedVersion=1)
    assert granted["application"] == {"facilitation": "GREEN_CHANNEL", "version": 2}
    assert granted["grant"] == {"incentive": "GREEN_CHANNEL", "helper": "helper-7", "check": {"finding": "CLEAN"}}
    assert grant(street, application)["code"] == "ALREADY_GRANTED"

    own = street.ask("trader-1", OWN).data
    assert own["creditChecks"]["totalCount"] == 1
    assert own["creditChecks"]["nodes"][0]["department"] == {"code": "LZ-SCJG"}
    (mine,) = own["mySubject"]["applications"]["nodes"]
    assert mine["creditChecks"] == {"nodes": [{"finding": "CLEAN"}]}
    assert mine["incentives"] == {"nodes": [{"incentive": "GREEN_CHANNEL"}]}
    entries = street.ask("trader-1", LOG).data["myAccessLog"]["nodes"]
    (sent,) = [entry for entry in entries if entry["basis"] == "CONSENT"]
    assert {one["field"]: one["form"] for one in sent["fieldsShown"]} == {
        "SoleTrader.isRestrained": "CLEAR",
        "SoleTrader.identifier": "CLEAR",
    }
    assert party.number not in street.lines.getvalue()


async def test_without_authorisation_the_ordinary_channel_and_no_trace_at_all(
    street: Street, behaviour: Behaviour
) -> None:
    """[4.1] [5.1.6]"""
    application = filed(street, street.world.party("person-1"))
    before = await counted(street)
    done = check(street, application, idempotencyKey="window-1:1")
    assert (done["__typename"], done["code"]) == ("OrdinaryChannel", "ORDINARY_CHANNEL")
    assert "requestAuthorisation" in done["wayOut"]
    assert await counted(street) == before
    assert behaviour.asked == []
    # A refused request, a withdrawn one and none at all look alike, and the application goes on.
    for state in ("refused", "withdrawn", "contested", "expired", "used up"):
        held = street.world.authorisation(state)
        party = next(one for one in street.world.parties.values() if one.subject_id == held.subject_id)
        other = filed(street, party)
        before = await counted(street)
        assert check(street, other) == done
        assert await counted(street) == before
    assert street.ask("clerk", ACCEPT, {"input": {"application": application}}).data["acceptApplication"][
        "application"
    ] == {"status": "ACCEPTED", "outcome": None, "version": 2}
    assert grant(street, application)["__typename"] == "CheckMissing"


async def test_an_adverse_record_is_told_by_its_source(street: Street, behaviour: Behaviour) -> None:
    """[4.1]"""
    party, application, _ = await authorised(street, "club-1")
    behaviour.answers[party.number] = ("ADVERSE", None)
    assert check(street, application)["check"]["finding"] == "ADVERSE"
    refused = grant(street, application)
    assert (refused["__typename"], refused["source"]) == ("AdverseRecord", "JOINT_MEASURES")
    assert refused["wayOut"]
    assert refused["wayOutEn"]


async def test_our_own_list_counts_as_a_source(street: Street) -> None:
    """[4.1] [5.2.1]"""
    _, application, _ = await authorised(street, "person-1")
    done = check(street, application)["check"]
    assert done["finding"] == "ADVERSE"
    assert done["answers"][0] == {"source": "RESTRAINT_LIST", "finding": "ADVERSE", "memorandum": None, "reason": None}
    refused = grant(street, application)
    assert (refused["__typename"], refused["until"]) == ("Restrained", "2027-05-02")


async def test_who_is_governed_by_a_memorandum_follows_that(street: Street, behaviour: Behaviour) -> None:
    """[3.3]"""
    party, application, _ = await authorised(street, "club-1")
    behaviour.answers[party.number] = ("GOVERNED", MEMORANDUM)
    done = check(street, application)["check"]
    assert (done["finding"], done["memoranda"]) == ("GOVERNED", [MEMORANDUM])
    refused = grant(street, application)
    assert (refused["__typename"], refused["memorandum"]) == ("GovernedByMemorandum", MEMORANDUM)


async def test_restrained_between_check_and_grant_is_refused_at_that_moment(street: Street) -> None:
    """[5.2.1]"""
    party, application, _ = await authorised(street, "club-1")
    assert check(street, application)["check"]["finding"] == "CLEAN"
    row = {
        "subject_id": party.subject_id, "case_id": street.world.new_id(), "number": "案-900", "area_code": party.area,
        "department_code": "LZ-WJJ", "sector_code": "health", "circumstance": "OTHER", "channel": "FACT_FINDING",
        "basis": "5.1.2e", "handler_ref": "handler-5", "collected_at": NOW, "determined_on": TODAY,
        "published_on": TODAY, "ends_on": TODAY + timedelta(days=181), "changed_at": NOW,
    }  # fmt: skip
    await street.database.write((insert(tables.restraint_cases), row))
    refused = grant(street, application)
    assert (refused["__typename"], refused["code"]) == ("Restrained", "RESTRAINED")
    assert refused["until"] == (TODAY + timedelta(days=181)).isoformat()
    entries = street.ask("club-1", LOG).data["myAccessLog"]["nodes"]
    told = [entry for entry in entries if entry["citation"] == "4.1 5.2.1"]
    assert [{one["field"] for one in entry["fieldsShown"]} for entry in told] == [
        {"OtherOrganisation.isRestrained", "RestraintCase.endsOn"}
    ]


async def test_a_check_of_yesterday_is_stale(street: Street) -> None:
    """[5.2.1]"""
    _, application, _ = await authorised(street, "club-1")
    check(street, application)
    street.clock.at += timedelta(days=1)
    assert grant(street, application)["__typename"] == "CheckStale"


async def test_whoever_withdraws_consent_is_asked_no_more(street: Street, behaviour: Behaviour) -> None:
    """[5.1.6]"""
    _, application, held = await authorised(street, "club-1")
    assert check(street, application)["check"]["finding"] == "CLEAN"
    done = street.ask("club-1", WITHDRAW, {"input": {"authorisation": held.gid}}).data
    assert done["withdrawAuthorisation"]["authorisation"]["status"] == "WITHDRAWN"
    assert check(street, application)["__typename"] == "OrdinaryChannel"
    assert grant(street, application)["__typename"] == "CheckMissing"
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
    street: Street, behaviour: Behaviour, case: str, misbehaves: dict[str, Any], reason: str, times: int
) -> None:
    """[4.1]"""
    _, application, _ = await authorised(street, "club-1")
    for name, value in misbehaves.items():
        setattr(behaviour, name, value)
    done = check(street, application)["check"]
    assert done["finding"] == "UNKNOWN", case
    assert done["answers"][1]["reason"] == reason
    assert len(behaviour.asked) == times
    refused = grant(street, application)
    assert refused["__typename"] == "SourceUnknown"
    assert refused["wayOut"]


async def test_one_failure_is_tried_again_and_the_answer_counts(street: Street, behaviour: Behaviour) -> None:
    _, application, _ = await authorised(street, "club-1")
    behaviour.fail_times = 1
    assert check(street, application)["check"]["finding"] == "CLEAN"
    assert len({one["request"] for one in behaviour.asked}) == 1
    assert len(behaviour.asked) == 2


async def test_a_module_that_keeps_failing_is_left_alone(street: Street, behaviour: Behaviour) -> None:
    """[4.1]"""
    _, application, _ = await authorised(street, "club-1")
    behaviour.fail_times = 99
    reasons = [check(street, application)["check"]["answers"][1]["reason"] for _ in range(3)]
    assert reasons == ["UNREACHABLE", "UNREACHABLE", "PAUSED"]
    assert len(behaviour.asked) == 4  # two attempts each, and none while the circuit is open


async def test_one_key_asks_once_and_uses_the_authorisation_once(street: Street, behaviour: Behaviour) -> None:
    _, application, held = await authorised(street, "club-1")
    first = check(street, application, idempotencyKey="window-1:2")
    assert check(street, application, idempotencyKey="window-1:2") == first
    assert len(behaviour.asked) == 1
    other = filed(street, street.world.party("club-1"))
    assert check(street, other, idempotencyKey="window-1:2")["code"] == "KEY_REUSED"
    made = select(tables.authorisations.c.uses_made).where(tables.authorisations.c.authorisation_id == held.row_id)
    assert await street.database.fetch(made) == [(1,)]


async def test_an_authorisation_without_the_number_lets_nobody_ask_the_city(
    street: Street, behaviour: Behaviour
) -> None:
    """[5.1.6]"""
    application = filed(street, street.world.party("club-2"))
    await street.database.write((update(tables.restraint_cases).values(removed_on=TODAY, removal="WRONG"), None))
    done = check(street, application)["check"]
    assert [one["reason"] for one in done["answers"]] == [None, "NOT_AUTHORISED"]
    assert done["finding"] == "UNKNOWN"
    assert behaviour.asked == []


async def test_an_application_goes_from_the_window_to_its_outcome(street: Street) -> None:
    """[4.2]"""
    party = street.world.party("person-1")
    application = filed(street, party, number="办-2026-0001", idempotencyKey="window-1:3")
    assert filed(street, party, number="办-2026-0001", idempotencyKey="window-1:3") == application
    given = {"subject": party.gid, "matter": encode(Entity.MATTER, "SCJG-01"), "number": "办-2026-0001"}
    assert street.ask("clerk", FILE, {"input": given}).data["fileApplication"]["code"] == "NUMBER_TAKEN"
    other = given | {"matter": encode(Entity.MATTER, "WJJ-01"), "number": "办-2"}
    assert street.ask("clerk", FILE, {"input": other}).data["fileApplication"]["code"] == "MATTER_NOT_HERE"
    numbered = street.ask("clerk", FILE, {"input": given | {"number": party.number}})
    assert numbered.data["fileApplication"]["__typename"] == "NotWellFormed"
    assert party.number not in numbered.response.text

    which = {"application": application}
    early = street.ask("clerk", DECIDE, {"input": which | {"outcome": "APPROVED"}}).data["decideApplication"]
    assert early["code"] == "NOT_ACCEPTED_YET"
    assert street.ask("other clerk", ACCEPT, {"input": which}).data["acceptApplication"]["__typename"] == "NotFound"
    done = street.ask("handler", ACCEPT, {"input": which | {"expectedVersion": 1}}).data["acceptApplication"]
    assert done["application"] == {"status": "ACCEPTED", "outcome": None, "version": 2}
    again = street.ask("clerk", ACCEPT, {"input": which}).data["acceptApplication"]
    assert again["code"] == "ALREADY_ACCEPTED"
    stale = street.ask("clerk", DECIDE, {"input": which | {"outcome": "APPROVED", "expectedVersion": 1}})
    assert stale.data["decideApplication"]["__typename"] == "Collision"
    done = street.ask("clerk", DECIDE, {"input": which | {"outcome": "APPROVED"}}).data["decideApplication"]
    assert done["application"] == {"status": "DECIDED", "outcome": "APPROVED", "version": 3}
    assert check(street, application)["code"] == "APPLICATION_OVER"
    assert grant(street, application)["code"] == "APPLICATION_OVER"


async def test_the_applicant_withdraws_at_any_time_before_the_decision(street: Street) -> None:
    """[4.2]"""
    application = filed(street, street.world.party("person-1"))
    own = STEP % ("ApplicationInput", "SELF_ACCESS", "withdraw")
    which = {"input": {"application": application}}
    for stranger in ("person-2", "stranger"):
        assert street.ask(stranger, own, which).data["withdrawApplication"]["__typename"] == "NotFound"
    assert street.ask("person-1", own, which).data["withdrawApplication"]["application"]["status"] == "WITHDRAWN"
    assert street.ask("clerk", TAKE_BACK, which).data["withdrawApplication"]["code"] == "APPLICATION_OVER"
    delegated = filed(street, street.world.party("person-1"))
    done = street.ask("agent", own, {"input": {"application": delegated}}).data["withdrawApplication"]
    assert done["application"]["outcome"] == "WITHDRAWN"


async def test_nobody_else_sees_a_check(street: Street) -> None:
    """[5.1.6]"""
    _, application, _ = await authorised(street, "club-1")
    check(street, application)
    query = "query @purpose(is: %s) { creditChecks { totalCount } }"
    # person-1 has an older check of the same department in this world.
    for who, purpose, count in (
        ("clerk", "CREDIT_CHECK", 2), ("clerk", "APPLICATION_HANDLING", 2), ("other clerk", "CREDIT_CHECK", 0),
        ("club-1", "SELF_ACCESS", 1), ("person-1", "SELF_ACCESS", 1), ("person-2", "SELF_ACCESS", 0),
    ):  # fmt: skip
        assert street.ask(who, query % purpose).data["creditChecks"] == {"totalCount": count}, (who, purpose)
    for who, purpose in (
        ("regulator", "FOCUSED_CHECK"), ("handler", "APPLICATION_HANDLING"), ("handler", "DETERMINATION"),
        ("head", "SUPERVISION"), ("office", "SUPERVISION"), ("auditor", "AUDIT"), ("platform", "PLATFORM_EXCHANGE"),
        ("association", "CONSULTATION"), ("admin", "AUDIT"),
    ):  # fmt: skip
        assert street.ask(who, query % purpose).status == 403, (who, purpose)


async def test_a_check_of_a_confidential_application_is_as_confidential(street: Street) -> None:
    """[5.1.6]"""
    _, application, _ = await authorised(street, "club-1")
    check(street, application)
    await street.database.write((update(tables.applications).values(confidential=True), None))
    query = "query @purpose(is: %s) { creditChecks { totalCount } }"
    for who, purpose in (("clerk", "CREDIT_CHECK"), ("club-1", "SELF_ACCESS")):
        assert street.ask(who, query % purpose).data["creditChecks"] == {"totalCount": 0}
    assert check(street, application)["__typename"] == "NotFound"


async def test_incentives_are_data_for_everybody(street: Street) -> None:
    """[4.2.4]"""
    asked = street.ask("anonymous", "{ incentives { code name nameEn clause channel needs } }").data["incentives"]
    assert [one["code"] for one in asked] == ["GREEN_CHANNEL", "DEFERRED_DOCUMENTS", "COMMITMENT"]
    assert asked[0]["needs"] == ["HELPER"]
    assert street.ask("anonymous", '{ incentives(on: "2022-05-24") { code } }').data["incentives"] == []
