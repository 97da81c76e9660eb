"""An entry has one canonical form, and its leaf reveals nothing [5.1.6], [RFC 8785], [RFC 6962 section 2.1]."""

import inspect
import json
from dataclasses import replace
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.disclosures.openings import disclosure_opened_bytes
from consent.errors import NotCanonical
from consent.leaves.access_entries import AccessEntry, erased_access_entry_bytes
from consent.leaves.canonical_form import canonical_bytes, commitment, instant, leaf_hash
from consent.leaves.clock_recounts import clock_recount_bytes
from consent.leaves.consent_events import ConsentEvent, Event
from consent.leaves.delegation_events import DelegationEvent, DelegationStep
from consent.leaves.documents import file_attachment_bytes, issued_notice_bytes
from consent.leaves.effects import consultation_line_bytes, focused_check_bytes
from consent.leaves.formats import LOG_OF
from consent.leaves.guard_refusals import GuardRefusals
from consent.leaves.number_lookups import Entrance, LookupOutcome, NumberLookup
from consent.leaves.provenance import Provenance
from consent.leaves.registrations import registration_bytes
from consent.leaves.steps import application_step_bytes, case_step_bytes, hearing_step_bytes
from consent.leaves.subject_events import AttestedRow, SubjectEvent
from consent.leaves.subject_secrets import subject_secret_bytes
from consent.ledger.entry_openings import entry_opened_bytes
from consent.vocabulary import Basis, Channel, KnownBy, Purpose

FOLDER = Path(__file__).parent.parent / "vectors"
VECTORS = json.loads((FOLDER / "entries.json").read_text(encoding="utf-8"))
FORMATS = json.loads((FOLDER / "log_entries.json").read_text(encoding="utf-8"))["formats"]
WRITERS = {
    "access-entry/1": AccessEntry.canonical_bytes,
    "consent-event/1": ConsentEvent.canonical_bytes,
    "delegation-event/1": DelegationEvent.canonical_bytes,
    "case-step/1": case_step_bytes,
    "application-step/1": application_step_bytes,
    "hearing-step/1": hearing_step_bytes,
    "issued-notice/1": issued_notice_bytes,
    "focused-check/1": focused_check_bytes,
    "consultation-line/1": consultation_line_bytes,
    "clock-recount/1": clock_recount_bytes,
    "number-lookup/1": NumberLookup.canonical_bytes,
    "file-attachment/1": file_attachment_bytes,
    "registration/1": registration_bytes,
    "subject-secret/1": subject_secret_bytes,
    "disclosure-opened/1": disclosure_opened_bytes,
    "erased-access-entry/1": erased_access_entry_bytes,
    "attested-row/1": AttestedRow.canonical_bytes,
    "entry-opened/1": entry_opened_bytes,
    "subject-event/1": SubjectEvent.canonical_bytes,
    "guard-refusals/1": GuardRefusals.canonical_bytes,
}
WRITERS |= {kind.replace("/1", "/2"): WRITERS[kind] for kind in WRITERS if kind.replace("/1", "/2") in LOG_OF}


def entry_of(vector):
    """Read an entry as storage would: ids, instants and words parsed, JSON as JSON."""
    raw = dict(vector["entry"], salt=bytes.fromhex(vector["salt"]))
    ids = [name for name in raw if name.endswith("_id") and raw[name] is not None]
    raw |= {name: UUID(raw[name]) for name in ids} | {"at": datetime.fromisoformat(raw["at"])}
    if vector["kind"] == "access":
        return AccessEntry(**raw | {"purpose": Purpose(raw["purpose"]), "basis": Basis(raw["basis"])})
    return ConsentEvent(**raw | {"event": Event(raw["event"])})


@pytest.mark.parametrize("vector", VECTORS["entries"], ids=lambda vector: vector["why"])
def test_entries_to_the_byte(vector):
    entry = entry_of(vector)
    assert entry.canonical_bytes() == vector["canonical"].encode()
    assert commitment(entry.salt, entry.canonical_bytes()).hex() == vector["commitment"]
    assert leaf_hash(entry.commitment()).hex() == vector["leaf_hash"]
    assert entry.salt.hex() not in repr(entry)


def parsed(name, value):
    """Read a field as its writer takes it."""
    if value is None:
        return None
    if name.endswith("_id") or name == "about":
        return UUID(value)
    if name in {"at", "hour"} or name.endswith("_at"):
        return datetime.fromisoformat(value)
    if name in {"on", "due_before", "due_after"} or name.endswith("_on"):
        return date.fromisoformat(value)
    return bytes.fromhex(value) if name in {"code_hash", "digest", "root", "withheld"} else value


DATACLASSES = {
    "attested-row": AttestedRow,
    "consent-event": ConsentEvent,
    "delegation-event": DelegationEvent,
    "guard-refusals": GuardRefusals,
    "number-lookup": NumberLookup,
    "subject-event": SubjectEvent,
}
WORDS_OF = {
    "consent-event": {"event": Event},
    "delegation-event": {"event": DelegationStep},
    "number-lookup": {"purpose": Purpose, "entrance": Entrance, "outcome": LookupOutcome},
}


def bytes_of(vector):
    fields = {name: parsed(name, value) for name, value in vector["fields"].items()}
    if "request" in fields:
        request = fields["request"]
        fields["request"] = Provenance(Channel(request["channel"]), KnownBy(request["known_by"]), UUID(request["id"]))
    writer, kind = WRITERS[vector["type"]], vector["type"].split("/")[0]
    if kind in DATACLASSES:
        words = {name: word(fields[name]) for name, word in WORDS_OF.get(kind, {}).items()}
        return DATACLASSES[kind](**fields | words, salt=bytes.fromhex(vector["salt"])).canonical_bytes()
    if "step" not in fields:
        return writer(**fields)
    about = {
        name: fields.pop(name) for name in inspect.signature(writer).parameters if name in fields and name != "step"
    }
    return writer(SimpleNamespace(**fields), **about)


@pytest.mark.parametrize("vector", FORMATS, ids=lambda vector: f"{vector['type']}: {vector['why']}")
def test_formats_to_the_byte(vector):
    salt, written = bytes.fromhex(vector["salt"]), bytes_of(vector)
    assert written == vector["canonical"].encode()
    assert commitment(salt, written).hex() == vector["commitment"]
    assert leaf_hash(commitment(salt, written)).hex() == vector["leaf_hash"]


@pytest.mark.parametrize("kind", WRITERS)
def test_each_docstring_shows_its_format_to_the_byte(kind):
    first = {json.loads(one["canonical"])["type"]: one["canonical"] for one in [*VECTORS["entries"], *FORMATS][::-1]}
    assert first[kind] in "".join(line.strip() for line in WRITERS[kind].__doc__.split("\n"))


def test_the_page_lists_every_format():
    assert set(LOG_OF) == set(WRITERS) | {"disclosure/1"}  # tests/consent/disclosures


@pytest.mark.parametrize("vector", VECTORS["values"], ids=lambda vector: vector["why"])
def test_values_to_the_byte_or_refused(vector):
    if "error" not in vector:
        assert canonical_bytes(vector["value"]) == vector["canonical"].encode()
        return
    with pytest.raises(NotCanonical) as refusal:
        canonical_bytes(vector["value"])
    assert refusal.value.code == vector["error"]


@pytest.mark.parametrize(
    ("case", "broken"),
    [
        ("an instant without a zone", lambda: instant(datetime(2026, 3, 5))),  # noqa: DTZ001 - refused here
        ("a salt too short", lambda: commitment(bytes(15), b"")),
        ("a salt that swallowed text", lambda: commitment(bytes(17), b"")),
        ("no salt", lambda: commitment(b"", b"")),
        ("a date", lambda: canonical_bytes({"on": datetime(2026, 3, 5).date()})),  # noqa: DTZ001 - refused here
        ("bytes", lambda: canonical_bytes(b"")),
        ("a set has no order", lambda: canonical_bytes({1})),
        ("a key that is no text", lambda: canonical_bytes({1: 1})),
        ("nested", lambda: canonical_bytes({"a": [{"b": 0.5}]})),
        ("not a number", lambda: canonical_bytes(float("nan"))),
    ],
)
def test_what_has_no_canonical_form_is_refused(case, broken):
    with pytest.raises(NotCanonical):
        broken()


ENTRY = entry_of(VECTORS["entries"][0])


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("subject_id", UUID(int=99)),
        ("entry_id", UUID(int=99)),
        ("read_id", UUID(int=99)),
        ("at", ENTRY.at.replace(microsecond=5)),
        ("actor_ref", "staff-2"),
        ("role", "auditor"),
        ("department_code", None),
        ("purpose", Purpose.AUDIT),
        ("basis", Basis.CONSENT),
        ("citation", "[5.1.6]"),
        ("authorisation_id", UUID(int=99)),
        ("document_hash", "cd" * 32),
        ("fields", [("RestraintCase.facts", "FACTS", "MASKED")]),
        ("salt", bytes(16)),
    ],
)
def test_whatever_is_changed_changes_the_leaf(name, other):
    assert replace(ENTRY, **{name: other}).commitment() != ENTRY.commitment()


def test_a_leaf_is_never_a_node_of_the_tree():
    assert leaf_hash(b"x" * 32) == sha256(b"\x00" + b"x" * 32).digest() != sha256(b"\x01" + b"x" * 32).digest()


PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(max_codepoint=127), max_size=4), inner, max_size=4)
    ),
    max_leaves=10,
)


@given(PLAIN)
def test_the_written_form_reads_back_and_is_written_the_same_again(value):
    written = canonical_bytes(value)
    assert json.loads(written) == value
    assert canonical_bytes(json.loads(written)) == written


@given(PLAIN, PLAIN)
def test_two_values_never_share_a_written_form(one, other):
    assert (canonical_bytes(one) == canonical_bytes(other)) == (
        json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
    )


WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


@given(
    ref=WORDS,
    department=st.none() | WORDS,
    citation=WORDS,
    ids=st.tuples(st.uuids(), st.uuids(), st.uuids(), st.none() | st.uuids()),
    at=st.datetimes(timezones=st.timezones(), min_value=datetime(1970, 1, 2), max_value=datetime(9000, 1, 1)),  # noqa: DTZ001 - Hypothesis adds the zone
    fields=st.lists(st.tuples(WORDS, WORDS, WORDS), max_size=4),
    purpose=st.sampled_from(Purpose),
)
def test_an_access_entry_is_written_as_any_other_value_is(ref, department, citation, ids, at, fields, purpose):
    subject, entry, read, authorisation = ids
    one = AccessEntry(
        subject,
        entry,
        read,
        at,
        ref,
        "clerk",
        department,
        purpose,
        Basis.CONSENT,
        citation,
        authorisation,
        "ab",
        tuple(fields),
        bytes(16),
    )
    assert one.canonical_bytes() == canonical_bytes(
        {
            "type": "access-entry/1",
            "subject_id": str(subject),
            "entry_id": str(entry),
            "read_id": str(read),
            "at": instant(at),
            "actor_ref": ref,
            "role": "clerk",
            "department_code": department,
            "purpose": purpose.value,
            "basis": "CONSENT",
            "citation": citation,
            "authorisation_id": None if authorisation is None else str(authorisation),
            "document_hash": "ab",
            "fields": [list(field) for field in fields],
        }
    )
