"""A read on an authorisation uses it once, and never more often than was allowed [5.1.6]."""

import asyncio
from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import select

from storage.access_log.authorisation_uses import granted_by_its_row
from storage.access_log.recorder import GroupCommitRecorder
from storage.database.database import Database
from storage.errors import AuthorisationUsedUp
from storage.tables import authorisations, disclosures
from tests.consent.samples import AUTHORISATION_ID, NOW, OTHER_SUBJECT_ID, TODAY, day, live, on_paper, requested, used
from tests.storage.access_log.pages import BY_STATUTE, USE, page
from tests.storage.access_log.recorder.recorded import authorise, uses_made
from tests.storage.access_record import pending
from tests.storage.reference_fixtures import count

# --- uses ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("case", "authorisation", "today", "made"),
    [
        ("live", live(), TODAY, 1),
        ("on its last day", live(), live().expires_on, 1),
        ("recorded from paper", on_paper(), TODAY, 1),
        ("with one use left", used(live(), live().uses_allowed - 1), TODAY, live().uses_allowed),
        ("asked for, not granted", requested(), TODAY, None),
        ("refused", replace(requested(), refused_at=NOW), TODAY, None),
        ("withdrawn", replace(live(), withdrawn_at=NOW), TODAY, None),
        ("contested", replace(on_paper(), contested_at=NOW), TODAY, None),
        ("a day after its last", live(), day((live().expires_on - TODAY).days + 1), None),
        ("used up", used(live(), live().uses_allowed), TODAY, None),
        ("of another subject", replace(live(), subject_id=OTHER_SUBJECT_ID), TODAY, None),
        ("another one", replace(live(), authorisation_id=UUID(int=99)), TODAY, None),
    ],
)
async def test_a_use_is_made_of_what_is_live(database, recorder, case, authorisation, today: date, made):
    await authorise(database, authorisation)
    if made is None:
        with pytest.raises(AuthorisationUsedUp) as refused:
            await recorder.record([page()], [USE], today=today)
        assert refused.value.authorisation_id == AUTHORISATION_ID
    else:
        await recorder.record([page()], [USE], today=today)
    assert await uses_made(database) == (authorisation.uses_made if made is None else made)
    assert await count(database, disclosures) == len(await pending(database)) == (made is not None)


async def test_of_many_who_come_together_only_as_many_read_as_were_allowed(database, recorder):
    await authorise(database, live())
    outcomes = await asyncio.gather(
        *(recorder.record([page()], [USE], today=TODAY) for _ in range(10)),
        recorder.record([page(OTHER_SUBJECT_ID, ground=BY_STATUTE)], today=TODAY),
        return_exceptions=True,
    )
    allowed = live().uses_allowed
    assert [answer is None for answer in outcomes] == [number < allowed or number == 10 for number in range(11)]
    assert await uses_made(database) == allowed
    assert await count(database, disclosures) == allowed + 1


async def test_of_several_uses_all_are_made_or_none(database, recorder):
    other = (OTHER_SUBJECT_ID, UUID(int=5))
    await authorise(database, live())
    await authorise(
        database, replace(used(live(), live().uses_allowed), subject_id=other[0], authorisation_id=other[1])
    )
    with pytest.raises(AuthorisationUsedUp) as refused:
        await recorder.record([page(), page(OTHER_SUBJECT_ID)], [USE, other], today=TODAY)
    assert refused.value.authorisation_id == other[1]
    with pytest.raises(AuthorisationUsedUp):
        await recorder.record([page()], [USE] * (live().uses_allowed + 1), today=TODAY)
    made = select(authorisations.c.uses_made).order_by(authorisations.c.subject_id)
    assert await database.fetch(made) == [(0,), (live().uses_allowed,)]
    assert await count(database, disclosures) == 0


async def test_two_gateways_together_never_use_more_than_was_allowed(database, database_url, recorder):
    await authorise(database, replace(live(), uses_allowed=25))
    elsewhere = Database.open(database_url)
    another = GroupCommitRecorder(elsewhere, granted=granted_by_its_row)

    async def read(by: GroupCommitRecorder) -> bool:
        await asyncio.sleep(0)
        try:
            await by.record([page()], [USE], today=TODAY)
        except AuthorisationUsedUp:
            return False
        return True

    outcomes = await asyncio.gather(*(read(recorder if number % 2 else another) for number in range(60)))
    assert sum(outcomes) == await uses_made(database) == await count(database, disclosures) == 25
    await another.close()
    await elsewhere.close()
