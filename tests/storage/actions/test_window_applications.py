"""An authorisation can be asked for one application: the subject's own, at the caller's own window [4.1] [5.1.6]."""

import pytest
from sqlalchemy import update

from credit.applications.actions import application_of
from credit.core.context import Caller
from credit.core.errors import UnknownCase
from credit.core.record_refs import ApplicationRef
from storage.tables import applications
from storage.unit_of_work import SqlUnitOfWork
from tests.consent.samples import OTHER_SUBJECT_ID, SUBJECT_ID
from tests.storage.window_fixtures import APPLICATION_ID, CLERK, OTHER_CLERK, WHICH, new_id, open_window


@pytest.fixture(autouse=True)
async def opened(database):
    await open_window(database)


async def found(database, subject_id=SUBJECT_ID, which=WHICH, by=CLERK):
    async with SqlUnitOfWork(database) as work:
        return await application_of(work, by, subject_id, which)


async def test_it_is_the_subjects_own_at_the_callers_own_window(database):
    assert await found(database) == APPLICATION_ID


async def test_an_authorisation_can_be_for_no_application(database):
    assert await found(database, which=None) is None


@pytest.mark.parametrize(
    ("case", "asked"),
    [
        ("there is no such application", {"which": ApplicationRef(SUBJECT_ID, new_id())}),
        ("it is another subject's", {"subject_id": OTHER_SUBJECT_ID}),
        ("the id names another subject", {"which": ApplicationRef(OTHER_SUBJECT_ID, APPLICATION_ID)}),
        ("another department handles it", {"by": OTHER_CLERK}),
        ("the caller has no department", {"by": Caller("clerk-9", "clerk")}),
    ],
)
async def test_any_other_is_not_found(database, case, asked):
    with pytest.raises(UnknownCase):
        await found(database, **asked)


async def test_a_confidential_one_is_not_found(database):
    await database.write((update(applications).values(confidential=True), None))
    with pytest.raises(UnknownCase):
        await found(database)
