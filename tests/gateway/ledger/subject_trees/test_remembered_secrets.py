"""Secrets are opened once, for as long as their subjects are in every epoch."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.ledger.subject_trees import remembered_secrets
from gateway.ledger.subject_trees.remembered_secrets import RememberedSecrets


def secret_of(number):
    return number.to_bytes(32, "big")


def walk(remembered, subjects):
    """Ask for the secrets of an epoch in order; give whose were opened."""
    opened = []
    remembered.begin()
    for each in sorted(subjects):
        found = remembered.secret(each.to_bytes(16, "big"), lambda own=each: opened.append(own) or secret_of(own))
        assert found == secret_of(each)
    return set(opened)


@given(st.lists(st.sets(st.integers(0, 60)), max_size=5))
def test_only_what_the_epoch_before_did_not_have_is_opened(epochs):
    with pytest.MonkeyPatch.context() as small:
        small.setattr(remembered_secrets, "AT_ONCE", 3)
        remembered, before = RememberedSecrets(), set()
        for subjects in epochs:
            assert walk(remembered, subjects) == subjects - before
            before = subjects


def test_an_epoch_that_broke_off_costs_only_time():
    remembered = RememberedSecrets()
    walk(remembered, {1, 2, 3})
    assert walk(remembered, {1}) == set()
    assert walk(remembered, {1, 2, 3}) == {2, 3}
