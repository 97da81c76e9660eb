"""A read before revision 25: an entry for each subject of a page. Since then a page has one record for all of them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from json.encoder import encode_basestring
from uuid import UUID

from consent.errors import NotCanonical
from consent.leaves.canonical_form import canonical_bytes, commitment, entry_bytes, instant
from consent.vocabulary import Basis, Purpose


@dataclass(frozen=True, slots=True)
class AccessEntry:
    """One read of one subject's data before revision 25, as it sees it. The fields are the columns of `access_entries`.

    *fields* are (Type.field, data class, form), in the order of the request. An entry that a delay covers names it, and
    the day *opens_on* on which its subject sees it, unless the delay is extended or ends. Neither is in its leaf: they
    say when it is shown and nothing of the read, and each act of a delay has a leaf of its own.
    """

    subject_id: UUID
    entry_id: UUID
    read_id: UUID
    at: datetime
    actor_ref: str
    role: str
    department_code: str | None
    purpose: Purpose
    basis: Basis
    citation: str
    authorisation_id: UUID | None
    document_hash: str
    fields: Sequence[tuple[str, str, str]]
    salt: bytes = field(repr=False)
    delay_id: UUID | None = None
    opens_on: date | None = None

    def canonical_bytes(self) -> bytes:
        """Return every field but the salt and the delay, by its own name, and `"type":"access-entry/1"`.

            {"actor_ref":"staff-1","at":"2026-03-05T01:02:03.000004Z","authorisation_id":null,"basis":"STATUTE",
            "citation":"[5.2.2]","department_code":"LZ-MARKET",
            "document_hash":"abababababababababababababababababababababababababababababababab",
            "entry_id":"00000000-0000-0000-0000-00000000000a","fields":[["RestraintCase.facts","FACTS","CLEAR"],
            ["Subject.name","PERSON_NAME","MASKED"]],"purpose":"FOCUSED_CHECK",
            "read_id":"00000000-0000-0000-0000-00000000000b","role":"regulator",
            "subject_id":"00000000-0000-0000-0000-000000000001","type":"access-entry/1"}

        `canonical_bytes` gives the same for these fields (a property test holds it). The keys are written out here,
        because there are many rows to verify.
        """
        text = (
            f'{{"actor_ref":{_quoted(self.actor_ref)},"at":"{instant(self.at)}",'
            f'"authorisation_id":{_quoted_id(self.authorisation_id)},"basis":{_quoted(self.basis)},'
            f'"citation":{_quoted(self.citation)},"department_code":{_quoted(self.department_code)},'
            f'"document_hash":{_quoted(self.document_hash)},"entry_id":"{self.entry_id}",'
            f'"fields":{_written_fields(tuple(map(tuple, self.fields)))},"purpose":{_quoted(self.purpose)},'
            f'"read_id":"{self.read_id}","role":{_quoted(self.role)},"subject_id":"{self.subject_id}",'
            '"type":"access-entry/1"}'
        )
        try:
            return text.encode()
        except UnicodeEncodeError as error:
            raise NotCanonical from error

    def commitment(self) -> bytes:
        """Return what the log `access` has of this entry."""
        return commitment(self.salt, self.canonical_bytes())


def _quoted(text: str | None) -> str:
    """Return a JSON string, escaped only where it must be, or null."""
    return "null" if text is None else encode_basestring(text)


def _quoted_id(uuid: UUID | None) -> str:
    return "null" if uuid is None else f'"{uuid}"'


@lru_cache(maxsize=1_024)
def _written_fields(fields: tuple[tuple[str, str, str], ...]) -> str:
    """Return the fields that a read showed, as JSON. Cached, because all subjects of a page have the same fields."""
    return canonical_bytes([list(shown) for shown in fields]).decode()


def erased_access_entry_bytes(**fields: object) -> bytes:
    """Return the entry of what stays of a read from before revision 25 whose subject was erased: it counts for nobody.

    The bytes are, for example:

        {"actor_ref":"staff-1","at":"2026-03-05T01:02:03.000004Z","department_code":"LZ-APPROVAL",
        "entry_id":"00000000-0000-0000-0000-00000000000a","purpose":"CREDIT_CHECK","role":"clerk",
        "type":"erased-access-entry/1"}
    """
    return entry_bytes("erased-access-entry/1", fields)
