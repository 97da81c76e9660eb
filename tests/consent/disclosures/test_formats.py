"""A disclosure has one written form, and its entry reveals nothing [5.1.6] [RFC 6962] [RFC 8785].

`independent.py` writes the same formats from their description alone, and the vectors are its work.
"""

import hmac
import json
from datetime import datetime
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.disclosures.formats import (
    MOST_GROUNDS_OF_SUBJECT,
    MOST_SUBJECTS,
    AccessContext,
    Disclosure,
    Ground,
    entry,
    ground,
    part_bytes,
)
from consent.disclosures.pending_groups import joined_leaves, joined_sources, split_leaves, split_sources, tagged_bytes
from consent.disclosures.stored_parts import decode_parts, encode_parts, part_at
from consent.errors import NotCanonical
from consent.leaves.canonical_form import canonical_bytes, instant, leaf_hash
from consent.vocabulary import Basis, Channel, KnownBy, Purpose
from tests.consent.disclosures import independent

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "disclosures.json").read_text(encoding="utf-8"))
AT = datetime.fromisoformat("2026-03-05T01:02:03.000004+00:00")
FIELDS = (("RestraintCase.facts", "FACTS", "CLEAR"), ("NaturalPerson.name", "PERSON_NAME", "MASKED"))
BY_STATUTE = Ground(Basis.STATUTE, "5.2.2", FIELDS)


def grounds_of(vector):
    return [
        Ground(Basis(each["basis"]), each["citation"], tuple(map(tuple, each["fields"]))) for each in vector["grounds"]
    ]


def disclosure_of(vector):
    """Read a disclosure as storage would."""
    grounds, words = grounds_of(vector), vector["context"]
    kinds = {"purpose": Purpose, "channel": Channel, "known_by": KnownBy}
    return Disclosure(
        disclosure_id=UUID(vector["disclosure_id"]),
        request_id=UUID(vector["request_id"]),
        at=datetime.fromisoformat(vector["at"]),
        actor_ref=vector["actor_ref"],
        context=AccessContext(**{name: kinds.get(name, lambda word: word)(word) for name, word in words.items()}),
        subjects=[UUID(each) for each in vector["subjects"]],
        parts=[tuple((grounds[at], used and UUID(used)) for at, used in part) for part in vector["parts"]],
        seed=bytes.fromhex(vector["seed"]),
        delay_id=UUID(int=9) if vector["is_delayed"] else None,
    )


@pytest.mark.parametrize("vector", VECTORS["disclosures"], ids=lambda vector: vector["why"])
def test_a_disclosure_to_the_byte(vector):
    made = disclosure_of(vector)
    assert [each.digest.hex() for each in grounds_of(vector)] == [each["digest"] for each in vector["grounds"]]
    written = [part_bytes(*each).hex() for each in zip(made.subjects, made.parts, strict=True)]
    assert written == vector["part_bytes"]
    assert [each.hex() for each in made.sub_leaves] == vector["sub_leaves"]
    assert made.record == vector["record"].encode()
    assert made.commitment.hex() == vector["commitment"]
    assert made.entry().hex() == vector["entry"]
    assert leaf_hash(made.entry()).hex() == vector["leaf_hash"]
    assert vector["seed"] not in repr(made)


@pytest.mark.parametrize("vector", VECTORS["disclosures"], ids=lambda vector: vector["why"])
def test_the_column_of_parts_to_the_byte(vector):
    made, grounds = disclosure_of(vector), grounds_of(vector)
    ids = {each.digest: 1000 + at for at, each in enumerate(grounds)}
    ground_id, column = encode_parts(made.parts, ids)
    assert (ground_id, column and column.hex()) == (vector["ground_id"], vector["column"])
    stored = [[(1000 + at, used and UUID(used)) for at, used in part] for part in vector["parts"]]
    assert decode_parts(ground_id, column, len(made.subjects)) == stored
    assert [part_at(ground_id, column, place) for place in range(len(made.subjects))] == stored


@pytest.mark.parametrize("vector", VECTORS["pending"], ids=lambda vector: vector["why"])
def test_a_group_to_the_byte(vector):
    sources = joined_sources([UUID(each) for each in vector["sources"]])
    leaves = joined_leaves([bytes.fromhex(each) for each in vector["entries"]])
    assert (sources.hex(), leaves.hex()) == (vector["sources_column"], vector["leaves_column"])
    recorder = None if vector["recorder"] is None else UUID(vector["recorder"])
    owners = joined_sources([UUID(each) for each in vector["owners"]]) if "owners" in vector else None
    assert (owners and owners.hex()) == vector.get("owners_column")
    written = tagged_bytes(
        vector["log"], sources, leaves, recorder, vector["number"], bytes.fromhex(vector["previous"]), owners
    )
    assert hmac.digest(bytes.fromhex(VECTORS["pending_key"]), written, "sha256").hex() == vector["tag"]
    assert split_sources(sources) == [UUID(each) for each in vector["sources"]]
    assert [each.hex() for each in split_leaves(leaves)] == vector["entries"]


words = st.text(st.characters(codec="utf-8"), max_size=8)
contexts = st.builds(
    AccessContext, words, st.none() | words, *map(st.sampled_from, (Purpose, Channel, KnownBy)), st.just("ab" * 32)
)
GROUNDS = [ground(basis, citation, shown) for basis in Basis for citation in ("5.2.2", "四") for shown in ((), FIELDS)]
USES = [None, UUID(int=1 << 100), UUID(int=7)]
parts = st.lists(st.sampled_from([(each, used) for each in GROUNDS for used in USES]), min_size=1, max_size=3)


@st.composite
def disclosures(draw):
    shown = draw(st.lists(parts.map(tuple), min_size=1, max_size=7))
    number = draw(st.integers(1, 1 << 32))  # from 1: with 0 a subject's id could be that of an authorisation
    return Disclosure(
        disclosure_id=UUID(int=number),
        request_id=UUID(int=1),
        at=AT,
        actor_ref=draw(words),
        context=draw(contexts),
        subjects=[UUID(int=number << 64 | at) for at in range(1, len(shown) + 1)],
        parts=shown,
        seed=number.to_bytes(8, "big") + b"a seed..",
        delay_id=draw(st.sampled_from([None, UUID(int=9)])),
    )


@given(disclosures())
def test_another_implementation_writes_the_same(made):
    fields = {name: getattr(made.context, name) for name in ("role", "department_code", "document_hash")}
    fields |= {name: getattr(made.context, name).value for name in ("purpose", "channel", "known_by")}
    fields |= {"actor_ref": made.actor_ref, "at": instant(made.at)}
    fields |= {"disclosure_id": str(made.disclosure_id), "request_id": str(made.request_id)}
    written = [
        independent.part(
            subject.hex,
            [
                (independent.ground(each.basis.value, each.citation, each.fields), used and used.hex)
                for each, used in part
            ],
        )
        for subject, part in zip(made.subjects, made.parts, strict=True)
    ]
    leaves, record, *rest = independent.disclosure(made.seed, written, fields, made.counted)
    assert (made.sub_leaves, made.record) == (leaves, record)
    assert [made.commitment, made.entry(), leaf_hash(made.entry())] == rest
    assert canonical_bytes(json.loads(record)) == record  # the record has the one form of RFC 8785


@given(disclosures())
def test_the_column_of_parts_gives_back_what_it_was_made_of(made):
    known = {each.digest: at for at, each in enumerate({each for part in made.parts for each, _ in part})}
    stored = [[(known[each.digest], used) for each, used in part] for part in made.parts]
    columns = encode_parts(made.parts, known)
    assert decode_parts(*columns, len(made.parts)) == stored


@pytest.mark.parametrize(
    "column",
    [b"", b"\x01\0\0\0", b"\x01\0\0\0\1", b"\x01\0\0\0\1\1\x80abc", b"\0\1\0", b"\x01\0\0\0\1\1\0\0"],
    ids=["nothing", "half an id", "no part", "half an authorisation", "no such ordinal", "more than the parts"],
)
def test_a_broken_column_is_refused(column):
    with pytest.raises(NotCanonical):
        decode_parts(None, column, 1)


def test_what_a_format_cannot_count_is_refused():
    many = [((Ground(Basis.STATUTE, str(at), ()), None),) for at in range(128)]
    known = {each.digest: 1 for part in many for each, _ in part}
    for refused in (
        lambda: encode_parts(many, known),
        lambda: part_bytes(UUID(int=1), ((BY_STATUTE, None),) * (MOST_GROUNDS_OF_SUBJECT + 1)),
        lambda: entry(MOST_SUBJECTS + 1, bytes(32)),
        lambda: entry(1, bytes(31)),
        lambda: joined_leaves([bytes(1 << 16)]),
        lambda: split_leaves(b"\0\3ab"),
        lambda: split_leaves(b"\0"),
        lambda: split_sources(bytes(15)),
    ):
        with pytest.raises(NotCanonical):
            refused()


def test_the_order_of_the_page_does_not_change_the_root():
    """The root tells nothing of who stood where: it is over the sorted sub-leaves."""
    vector = VECTORS["disclosures"][1]
    leaves = [bytes.fromhex(each) for each in vector["sub_leaves"]]
    assert (
        json.loads(vector["record"])["root"] == independent.mth(sorted(leaves)).hex() != independent.mth(leaves).hex()
    )
