"""A stored disclosure gives its sub-leaves, the same ones after erasures, and then nobody's salt [5.1.6]."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.disclosures.formats import part_bytes, salts, sub_leaf
from consent.disclosures.stored_parts import encode_parts
from consent.disclosures.stored_sub_leaves import ERASED, DisclosureColumns
from consent.errors import NotCanonical
from tests.consent.disclosures.test_formats import disclosures


def stored(made):
    grounds = {each.digest: each for part in made.parts for each, _ in part}
    ids = {digest: 7 + at for at, digest in enumerate(grounds)}
    ground_id, parts = encode_parts(made.parts, ids)
    return (
        DisclosureColumns([each.bytes for each in made.subjects], ground_id, parts, made.seed, None),
        {number: digest for digest, number in ids.items()},
    )


@given(disclosures(), st.data())
def test_erasing_subjects_leaves_every_hash_as_it_was(made, data):
    columns, digests = stored(made)
    assert columns.sub_leaves(digests) == made.sub_leaves
    erased = data.draw(st.lists(st.sampled_from(made.subjects), unique=True, max_size=3))
    for subject_id in erased:
        columns = columns.without(subject_id.bytes, digests)
    assert columns.sub_leaves(digests) == made.sub_leaves
    assert columns.record_salt() == made.salts[:16]
    assert columns.subjects == [ERASED if each in erased else each.bytes for each in made.subjects]
    if not erased:
        return
    assert columns.seed is None
    drawn = salts(made.seed, len(made.subjects))
    for at, subject_id in enumerate(made.subjects):
        own = drawn[16 * (at + 1) : 16 * (at + 2)]
        # Who tries each id against the sub-leaf needs the salt, and finds it only of those who are not erased.
        assert (own in columns.opened) == (subject_id not in erased)
        assert (sub_leaf(own, part_bytes(subject_id, made.parts[at])) in columns.opened) == (subject_id in erased)


@pytest.mark.parametrize(
    "opened",
    [None, b"", bytes(16), bytes(32), bytes(16) + b"\x01" + bytes(16), bytes(34), bytes(16) + b"\x02" + bytes(32)],
    ids=["none", "empty", "no subject", "a short salt", "a short sub-leaf", "a byte more", "another mark"],
)  # fmt: skip
def test_columns_that_are_not_well_formed_are_refused(opened):
    with pytest.raises(NotCanonical):
        DisclosureColumns([ERASED], 1, None, None, opened).sub_leaves({1: bytes(32)})
