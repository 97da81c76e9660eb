"""The memory in which the actions of authorisations are carried out."""

import pytest

from tests.consent.samples import OTHER_SUBJECT_ID, SUBJECT_ID
from tests.fakes import Memory


@pytest.fixture
def memory():
    return Memory(subjects={SUBJECT_ID, OTHER_SUBJECT_ID})
