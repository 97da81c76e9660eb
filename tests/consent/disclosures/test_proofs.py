"""A subject proves its own part of a read, with nothing of anybody else [5.1.6]; whatever is changed proves nothing."""

from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.disclosures.proofs import SubjectProof, subject_proof, verify
from consent.errors import ProofRefused
from consent.leaves.canonical_form import leaf_hash
from tests.consent.disclosures.test_formats import disclosures


@given(disclosures(), st.data())
def test_each_subject_proves_its_part_and_holds_nothing_of_anybody_else(made, data):
    at = data.draw(st.integers(0, len(made.subjects) - 1))
    subject_id = made.subjects[at]
    proof = subject_proof(made, subject_id)
    proved = verify(proof, subject_id, leaf_hash(made.entry()))
    expected = [(each.basis.value, each.citation, used if used and used.int else None) for each, used in made.parts[at]]
    assert [(each["basis"], each["citation"], used) for each, used in proved.grounds] == expected
    assert proved.record["subjects"] == len(made.subjects)
    held = b"".join([proof.record, proof.record_salt, proof.part, proof.part_salt, *proof.grounds, *proof.path])
    salts = [made.salts[start : start + 16] for start in range(16, len(made.salts), 16)]
    others = [
        (other, salt) for number, (other, salt) in enumerate(zip(made.subjects, salts, strict=True)) if number != at
    ]
    assert made.seed not in held
    assert all(other.bytes not in held and salt not in held for other, salt in others)


def flipped(value, bit):
    """Return *value* with one bit changed, in bytes, in a number, or in one of several bytes."""
    if isinstance(value, bytes):
        at = bit % (8 * len(value))
        return value[: at // 8] + bytes([value[at // 8] ^ 1 << at % 8]) + value[at // 8 + 1 :]
    if isinstance(value, int):
        return value ^ 1 << bit % 16
    at = bit % len(value)
    return [*value[:at], flipped(value[at], bit), *value[at + 1 :]]


NAMES = [field.name for field in fields(SubjectProof)]


@given(disclosures(), st.sampled_from(NAMES), st.integers(0, 1 << 20), st.data())
def test_any_flipped_bit_proves_nothing(made, name, bit, data):
    subject_id = data.draw(st.sampled_from(made.subjects))
    proof = subject_proof(made, subject_id)
    if not getattr(proof, name) and not isinstance(getattr(proof, name), int):
        return  # a page of one subject has no path
    with pytest.raises(ProofRefused):
        verify(replace(proof, **{name: flipped(getattr(proof, name), bit)}), subject_id, leaf_hash(made.entry()))
    with pytest.raises(ProofRefused):
        verify(proof, subject_id, flipped(leaf_hash(made.entry()), bit))


@given(disclosures(), st.data())
def test_a_proof_is_of_one_subject_and_of_its_whole_part(made, data):
    subject_id = data.draw(st.sampled_from(made.subjects))
    proof, leaf = subject_proof(made, subject_id), leaf_hash(made.entry())
    for other in made.subjects:
        if other != subject_id:
            with pytest.raises(ProofRefused):
                verify(proof, other, leaf)
    for broken in (
        replace(proof, grounds=proof.grounds[:-1]),
        replace(proof, path=[*proof.path, bytes(32)]),
        replace(proof, path=[], place=0) if proof.path else replace(proof, place=-1),
        replace(proof, record=proof.record.replace(b"disclosure/1", b"disclosure/2")),
        replace(proof, record=b"[]"),
    ):
        with pytest.raises(ProofRefused):
            verify(broken, subject_id, leaf)
