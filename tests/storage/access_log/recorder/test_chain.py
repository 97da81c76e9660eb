"""The groups of a recorder are numbered without a gap, and each tag covers the one before."""

import contextlib

import pytest
from sqlalchemy import delete

from storage.access_log.authorisation_uses import granted_by_its_row
from storage.access_log.recorder import GroupCommitRecorder
from storage.errors import AccessNotRecorded, AuthorisationUsedUp
from storage.tables import access_contexts, access_grounds
from tests.consent.samples import TODAY, live, used
from tests.storage.access_log.pages import USE, page
from tests.storage.access_log.recorder.recorded import authorise, chain_of
from tests.storage.reference_fixtures import count


async def test_groups_are_numbered_without_a_gap_and_each_tag_covers_the_one_before(database, keyed):
    await authorise(database, used(live(), live().uses_allowed))
    recorder = GroupCommitRecorder(keyed, granted=granted_by_its_row)
    there = page()
    for pages in ([there], [page()], [there], [page(), page()], [page()]):
        with contextlib.suppress(AccessNotRecorded):
            await recorder.record(pages, today=TODAY)
        with pytest.raises(AuthorisationUsedUp):
            await recorder.record([page()], [USE], today=TODAY)
    await recorder.close()
    ((_, groups),) = (await chain_of(keyed)).items()
    assert [number for number, _ in groups] == [0, 1, 2, 3]


async def test_where_it_is_not_known_whether_a_group_was_committed_another_recorder_begins(keyed, monkeypatch):
    recorder = GroupCommitRecorder(keyed, granted=granted_by_its_row)
    write = keyed.write_text

    async def lose_the_answer(steps):
        await write(steps)
        raise ConnectionResetError

    await recorder.record([page()], today=TODAY)
    monkeypatch.setattr(keyed, "write_text", lose_the_answer)
    with pytest.raises(AccessNotRecorded):
        await recorder.record([page()], today=TODAY)
    monkeypatch.undo()
    # Another server answers now, which lacks the last rows.
    await keyed.write((delete(access_contexts), None), (delete(access_grounds), None))
    await recorder.record([page()], today=TODAY)
    await recorder.close()
    assert await count(keyed, access_contexts) == await count(keyed, access_grounds) == 1
    assert sorted([number for number, _ in groups] for groups in (await chain_of(keyed)).values()) == [[0], [0, 1]]
