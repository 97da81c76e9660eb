"""The memory in which the actions of delegations are carried out."""

import pytest

from tests.consent.delegations.delegation_calls import ADULT
from tests.consent.samples import BUREAU, OTHER_SUBJECT_ID, SUBJECT_ID
from tests.fakes import Memory


@pytest.fixture
def memory() -> Memory:
    known = Memory(subjects={SUBJECT_ID, OTHER_SUBJECT_ID})
    known.state.at_window.add((SUBJECT_ID, BUREAU))
    known.state.born[SUBJECT_ID] = ADULT
    return known
