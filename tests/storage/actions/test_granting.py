"""An incentive is granted, or refused by name, at the moment of granting and inside its transaction [4.2] [5.2.1]."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.exc import DBAPIError

from consent.leaves.steps import application_step_bytes
from credit.applications.application import Outcome as Ended
from credit.applications.application import decide
from credit.applications.refusals import APPLICATION_OVER, ApplicationChangedMeanwhile, ApplicationNumberTaken
from credit.core.context import Caller
from credit.core.errors import CreditError, UnknownCase
from credit.credit_checks.actions import look, save_check
from credit.incentives.actions import grant_incentive
from credit.incentives.incentive import Granted
from credit.incentives.refusals import AlreadyGranted
from credit.joint_measures.source_answer import Finding, Source, SourceAnswer
from storage.tables import (
    application_steps,
    applications,
    authorisations,
    credit_checks,
    incentive_grants,
    outbox,
    pending_entries,
    restraint_cases,
)
from storage.unit_of_work import SqlUnitOfWork
from tests.builders.taken_over import take_over
from tests.consent.samples import BUREAU, NOW, OTHER_SUBJECT_ID, SUBJECT_ID, TODAY
from tests.credit.subjects.synthetic_numbers import PERSON
from tests.databases import on_sqlite
from tests.refusals import refuses
from tests.storage.reference_fixtures import count
from tests.storage.window_fixtures import (
    APPLICATION_ID,
    CLERK,
    FILED,
    MATTER,
    OTHER_CLERK,
    WHICH,
    checked,
    moment,
    new_id,
    open_window,
    restraint,
)

GREEN = "GREEN_CHANNEL"
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
async def opened(database):
    await open_window(database)


async def grant(database, incentive=GREEN, by=CLERK, which=WHICH, at=NOW, rules=None, **papers) -> Granted:
    papers = papers or {"helper_ref": "helper-1"}
    async with SqlUnitOfWork(database) as work:
        granted = await grant_incentive(
            work, replace(moment(at), actor=by, **(rules or {})), which, incentive, **papers
        )
        await work.commit()
        return granted


async def restrain(database, row):
    await database.write((insert(restraint_cases), row))
    await take_over(database, restraint_cases)


async def test_a_clean_subject_gets_the_green_channel_with_its_helper(database):
    """[4.2.1] [4.1]"""
    check = await checked(database)
    waiting = await count(database, pending_entries)
    granted = await grant(database)
    assert (granted.check_id, granted.helper_ref) == (check.check_id, "helper-1")
    async with SqlUnitOfWork(database) as work:
        assert await work.grants.of_application(SUBJECT_ID, APPLICATION_ID) == [granted]
        assert await work.credit_checks.last(SUBJECT_ID, APPLICATION_ID) == check
        saved = await work.applications.load(SUBJECT_ID, APPLICATION_ID)
    assert saved is not None
    assert (saved.channel, saved.version) == (GREEN, 2)
    ((step, actor, facts),) = await database.fetch(
        select(application_steps.c.step, application_steps.c.actor_ref, application_steps.c.facts)
    )
    assert (step, actor, facts["incentive"]) == ("GRANTED", "clerk-1", GREEN)
    assert await database.fetch(select(outbox.c.topic)) == [("application.granted",)]
    assert await count(database, pending_entries) == waiting + 1


@on_sqlite
@pytest.mark.sampled
@pytest.mark.parametrize(
    ("clause", "findings", "asked", "code"),
    [
        ("[4.1] no check", None, {}, "CHECK_MISSING"),
        ("[5.2.1] a check of yesterday", {"at": NOW - DAY}, {}, "CHECK_STALE"),
        ("[4.1] another application's", {"application_id": UUID(int=61)}, {}, "CHECK_MISSING"),
        ("[4.1] adverse", {"joint": Finding.ADVERSE}, {}, "ADVERSE_RECORD"),
        ("[4.1] unknown is never clean", {"joint": Finding.UNKNOWN}, {}, "SOURCE_UNKNOWN"),
        ("[3.3] a memorandum", {"joint": Finding.GOVERNED}, {}, "GOVERNED_BY_MEMORANDUM"),
        ("[4.2.1] without a helper", {}, {"commitment_ref": "承诺-1"}, "HELPER_MISSING"),
        ("[4.2.2] nothing in writing", {}, {"incentive": "DEFERRED_DOCUMENTS"}, "COMMITMENT_NOT_WRITTEN"),
        ("[4.2.4] not known", {}, {"incentive": PERSON}, "NOT_ELIGIBLE"),
        ("[4.2.1] a helper by identity number", {}, {"helper_ref": PERSON}, "STEP_NOT_WELL_FORMED"),
    ],
)
async def test_each_refusal_has_its_name_and_leaves_nothing(database, clause, findings, asked, code):
    if findings is not None:
        await checked(database, **findings)
    with pytest.raises(CreditError) as refused:
        await grant(database, **asked)
    assert refused.value.code == code, clause
    assert PERSON not in str(refused.value) + refused.value.message_zh
    assert [await count(database, table) for table in (incentive_grants, application_steps, outbox)] == [0, 0, 0]


@pytest.mark.sampled
@pytest.mark.parametrize(
    ("case", "row", "code"),
    [
        ("published after the check", restraint(TODAY, TODAY + 180 * DAY), "RESTRAINED"),
        ("its last day", restraint(TODAY - 180 * DAY, TODAY, rectified_on=TODAY), "RESTRAINED"),
        ("overdue for rectification", restraint(TODAY - 200 * DAY, TODAY - 20 * DAY), "RESTRAINED"),
        ("the day after its end", restraint(TODAY - 180 * DAY, TODAY - DAY, rectified_on=TODAY - DAY), None),
        ("removed", restraint(TODAY - DAY, TODAY + 180 * DAY, removed_on=TODAY, removal="WRONG"), None),
        ("confidential", restraint(TODAY, TODAY + 180 * DAY, confidential=True), None),
        ("another's", restraint(TODAY, TODAY + 180 * DAY, subject_id=OTHER_SUBJECT_ID), None),
    ],
)
async def test_who_is_restrained_at_that_moment_gets_nothing(database, case, row, code):
    """[5.2.1] [5.1.5]"""
    await checked(database)
    await restrain(database, row)
    if code is None:
        assert (await grant(database)).incentive == GREEN, case
        return
    with pytest.raises(CreditError) as refused:
        await grant(database)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("case", "change", "code"),
    [
        ("[5.1.6] withdrawn since", {"withdrawn_at": NOW}, "CHECK_MISSING"),
        ("[5.1.6] contested since", {"contested_at": NOW}, "CHECK_MISSING"),
        ("[5.1.6] over", {"expires_on": TODAY - DAY}, "CHECK_MISSING"),
        ("used up since: what was found stays", {"uses_made": 3}, None),
        ("narrowed to what a check needs", {"groups": 4}, None),
    ],
)
async def test_nothing_new_is_decided_on_a_word_that_was_taken_back(database, case, change, code):
    await checked(database)
    await database.write((update(authorisations).values(change), None))
    if code is None:
        assert (await grant(database)).incentive == GREEN, case
        return
    with pytest.raises(CreditError) as refused:
        await grant(database)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("case", "change", "used"),
    [
        ("live, for this application", {"uses_made": 1}, True),
        ("for any application", {"application_id": None}, True),
        ("for another application", {"application_id": UUID(int=61)}, False),
        ("towards another department", {"recipient_code": "LZ-MARKET"}, False),
        ("for another purpose", {"purpose": "CONSULTATION"}, False),
        ("not answered", {"granted_at": None}, False),
        ("withdrawn", {"withdrawn_at": NOW}, False),
        ("used up", {"uses_made": 3}, False),
        ("over", {"expires_on": TODAY - DAY}, False),
        ("without what a check needs", {"groups": 1}, False),
    ],
)
async def test_a_check_uses_only_a_live_authorisation_for_it_and_counts_the_use(database, case, change, used):
    """[4.1] [5.1.6]"""
    await database.write((update(authorisations).values(change), None))
    before = await database.fetch(select(authorisations.c.uses_made))
    async with SqlUnitOfWork(database) as work:
        found = await work.checking.use(SUBJECT_ID, APPLICATION_ID, BUREAU, TODAY)
        await work.commit()
    assert (found is not None) is used, case
    after = await database.fetch(select(authorisations.c.uses_made))
    assert after[0][0] - before[0][0] == int(used)


@pytest.mark.parametrize(
    ("case", "change"),
    [
        ("withdrawn meanwhile", {"withdrawn_at": NOW}),
        ("contested meanwhile", {"contested_at": NOW}),
        ("over meanwhile", {"expires_on": TODAY - DAY}),
    ],
)
async def test_a_check_whose_authorisation_ended_meanwhile_leaves_no_trace(database, case, change):
    """[4.1] [5.1.6]"""
    at = moment().acting_as(CLERK)
    async with SqlUnitOfWork(database) as work:
        looked = await look(work, at, WHICH)
        await work.commit()
    assert looked is not None, case
    await database.write((update(authorisations).values(change), None))
    steps = await count(database, application_steps)
    async with SqlUnitOfWork(database) as work:
        assert await save_check(work, at, WHICH, looked, SourceAnswer(Source.JOINT_MEASURES, Finding.CLEAN)) is None
        await work.commit()
    assert (await count(database, credit_checks), await count(database, application_steps)) == (0, steps)


async def test_a_deployment_can_let_the_unrectified_lapse_and_a_check_count_longer(database):
    """[5.1.5] [5.2.1]"""
    await checked(database, at=NOW - 3 * DAY)
    await restrain(database, restraint(TODAY - 200 * DAY, TODAY - 20 * DAY))
    granting = replace(moment().granting, check_valid_days=3)
    rules = {"granting": granting, "unrectified": "lapse"}
    assert (await grant(database, rules=rules)).incentive == GREEN


@on_sqlite
@pytest.mark.parametrize(
    ("case", "by", "which"),
    [
        ("another department", OTHER_CLERK, WHICH),
        ("a handler", Caller("handler-1", "handler", BUREAU), WHICH),
        ("the subject", Caller("account-1", "subject", None, SUBJECT_ID), WHICH),
        ("another's application", CLERK, replace(WHICH, subject_id=OTHER_SUBJECT_ID)),
        ("none of that id", CLERK, replace(WHICH, id=UUID(int=99))),
    ],
)
async def test_only_a_clerk_of_the_department_grants_and_nobody_else_learns_that_it_is_there(database, case, by, which):
    await checked(database)
    with pytest.raises(UnknownCase):
        await grant(database, by=by, which=which)
    assert case


async def test_a_confidential_application_is_not_there(database):
    """[5.1.6]"""
    await checked(database)
    await database.write((update(applications).values(confidential=True), None))
    with pytest.raises(UnknownCase):
        await grant(database)


async def test_what_is_over_granted_or_changed_is_refused(database):
    await checked(database)
    with pytest.raises(ApplicationChangedMeanwhile):
        await grant(database, which=replace(WHICH, expected_version=7))
    await grant(database, which=replace(WHICH, expected_version=1))
    with pytest.raises(AlreadyGranted):
        await grant(database)
    async with SqlUnitOfWork(database) as work:
        saved = await work.applications.load(SUBJECT_ID, APPLICATION_ID)
        await work.applications.save(decide(saved, Ended.APPROVED, NOW), saved.version, NOW)
        with pytest.raises(ApplicationChangedMeanwhile):
            await work.applications.save(saved, saved.version, NOW)
        await work.commit()
    with refuses(APPLICATION_OVER):
        await grant(database, "DEFERRED_DOCUMENTS", commitment_ref="承诺-1")


async def test_the_matters_own_document_decides_what_it_allows(database):
    """[4.2.3] [4.2.4]"""
    async with SqlUnitOfWork(database) as work:
        terms = await work.applications.terms(MATTER)
        assert await work.applications.terms("M-9") is None
        assert await work.applications.matter_of(MATTER, BUREAU)
        assert not await work.applications.matter_of(MATTER, "LZ-OTHER")
    assert terms is not None
    assert terms.allows == {"GREEN_CHANNEL", "DEFERRED_DOCUMENTS", "COMMITMENT", "ONLINE"}
    assert (terms.deferral_longest_days, terms.commitment_limit_days, terms.commitment_verify_days) == (30, 5, 20)


async def test_an_application_needs_its_subject_and_a_number_of_its_own(database):
    async with SqlUnitOfWork(database) as work:
        with pytest.raises(UnknownCase):
            await work.applications.add(replace(FILED, subject_id=new_id(), number="办-2"))
        with pytest.raises(ApplicationNumberTaken):
            await work.applications.add(replace(FILED, application_id=new_id()))


async def test_checks_grants_and_steps_are_never_changed(database):
    await checked(database)
    await grant(database)
    for table in (credit_checks, incentive_grants, application_steps):
        with pytest.raises(DBAPIError, match=r"appended only|refuse"):
            await database.write((update(table).values(subject_id=OTHER_SUBJECT_ID), None))


async def test_the_ledger_commits_to_a_step_without_its_salt(database):
    await checked(database)
    steps = []
    async with SqlUnitOfWork(database) as work:
        append = work.applications.append

        async def saved(step):
            steps.append(step)
            await append(step)

        work.applications.append = saved  # type: ignore[method-assign]  # to see what was appended
        await grant_incentive(work, moment().acting_as(CLERK), WHICH, GREEN, helper_ref="helper-1")
    (step,) = steps
    assert application_step_bytes(step, step.about).startswith(b'{"actor_ref":"clerk-1"')
    assert step.salt.hex().encode() not in application_step_bytes(step, step.about)
