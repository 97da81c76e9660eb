"""The row of a disclosure gives its entry, also after any of its subjects were erased [5.1.6]."""

from uuid import UUID

import pytest

from consent.disclosures.stored_disclosure import StoredDisclosure
from consent.errors import NotCanonical
from consent.leaves.canonical_form import SALT_BYTES
from tests.consent.disclosures.test_formats import VECTORS, disclosure_of

ERASED = UUID(int=0)


def stored(disclosure, *, erased=frozenset(), opened=None):
    """Give the row as an erasure of the subjects at these places leaves it."""
    salts, leaves = disclosure.salts, disclosure.sub_leaves
    if erased and opened is None:
        opened = salts[:SALT_BYTES]
        for at, leaf in enumerate(leaves):
            own = salts[SALT_BYTES * (at + 1) : SALT_BYTES * (at + 2)]
            opened += b"\x01" + leaf if at in erased else b"\x00" + own
    return StoredDisclosure(
        disclosure.disclosure_id,
        disclosure.request_id,
        disclosure.at,
        disclosure.actor_ref,
        disclosure.context,
        [ERASED if at in erased else one for at, one in enumerate(disclosure.subjects)],
        [() if at in erased else part for at, part in enumerate(disclosure.parts)],
        None if opened is not None else disclosure.seed,
        opened,
        disclosure.delay_id is not None,
    )


@pytest.mark.parametrize("vector", VECTORS["disclosures"], ids=lambda vector: vector["why"])
def test_the_entry_is_the_same_before_and_after_every_erasure(vector):
    disclosure = disclosure_of(vector)
    assert stored(disclosure).entry() == disclosure.entry()
    size = len(disclosure.subjects)
    for erased in (range(1), range(size), range(0, size, 2)) if size else ():
        assert stored(disclosure, erased=frozenset(erased)).entry() == disclosure.entry()


@pytest.mark.parametrize(
    "opened", [b"", bytes(16), bytes(15), bytes(16) + b"\x02" + bytes(32), bytes(16 + 17 * 2 + 1)], ids=len
)
def test_bytes_that_no_erasure_leaves_are_refused(opened):
    vector = next(each for each in VECTORS["disclosures"] if len(each["subjects"]) == 2)
    with pytest.raises(NotCanonical):
        stored(disclosure_of(vector), opened=opened).entry()
