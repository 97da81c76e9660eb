"""The fakes implement `consent.ports`; `tests/storage` runs the same checks against SQL."""

import pytest

from tests.consent.ports_contract import CONTRACT
from tests.consent.samples import OTHER_SUBJECT_ID, SUBJECT_ID
from tests.fakes import Memory


@pytest.mark.parametrize("check", CONTRACT, ids=lambda check: check.__name__)
async def test_the_fakes_keep_the_contract(check):
    await check(Memory(subjects={SUBJECT_ID, OTHER_SUBJECT_ID}))
