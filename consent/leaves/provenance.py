"""By which way an act came in, and what it sealed: what an entry of `consent` says since revision 34 of the database.

A row with an entry has three more columns, which are null in a row from before. They decide the version of its entry:

    columns request_channel, known_by, request_id   a `Channel`, a `KnownBy`, and the id of the request
    column  content                                 of tables whose acts seal text: a JSON list, see below
    entry   without them version 1. With them version 2, which has two more keys (`content` only where the column is):

            "content":[["restraint_cases.facts","<row id>","<digest>"]],
            "request":{"channel":"GRAPHQL","id":"<request id>","known_by":"TOKEN"}

*content* names each text that the act sealed: its table and column, the id of its row, and its digest in hexadecimal,
in ascending order. The digest is keyed with a secret of the subject (`policy.crypto.keyring`, `content_digest`), so it
can be compared with the sealed text by whoever holds the keys, and says nothing to anybody else. Storage keeps the
list beside the row: an entry is recomputed from its row without any key.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from consent.leaves.canonical_form import entry_bytes
from consent.vocabulary import Channel, KnownBy

Content = Sequence[tuple[str, str, str]]
"""The texts that an act sealed: `table.column`, the id of the row, the digest in hexadecimal; in ascending order."""
COLUMNS: Final = ("request_channel", "known_by", "request_id")
"""The columns of a provenance."""
CONTENT: Final = "content"
"""The column of what an act sealed."""


@dataclass(frozen=True, slots=True)
class Provenance:
    """By which channel an act came in, how it was known who acts, and the id of the request, as in the server's log."""

    channel: Channel
    known_by: KnownBy
    request_id: UUID

    def columns(self) -> dict[str, object]:
        """Return the columns of a row with this provenance."""
        return dict(zip(COLUMNS, (self.channel.value, self.known_by.value, self.request_id), strict=True))

    def written(self) -> dict[str, str]:
        """Return what an entry says of it."""
        return {"channel": self.channel.value, "id": str(self.request_id), "known_by": self.known_by.value}


def provenance_of(row: Mapping[str, Any]) -> Provenance | None:
    """Return the provenance of a row by its columns; None for a row from before, whose entry is of version 1.

    Raises ValueError for columns that no act can have written.
    """
    channel, known_by, request_id = (row.get(name) for name in COLUMNS)
    if channel is known_by is request_id is row.get(CONTENT) is None:
        return None
    return Provenance(Channel(str(channel)), KnownBy(str(known_by)), UUID(str(request_id)))


def content_of(row: Mapping[str, Any]) -> Content:
    """Return what the act of a row sealed, by its column; raises ValueError for another form."""
    return [(str(place), str(row_id), str(digest)) for place, row_id, digest in row.get(CONTENT) or ()]


def ordered(content: Iterable[tuple[str, str, str]]) -> Content:
    """Return *content* in its order; each text once, as it was sealed last."""
    last = {(place, row_id): digest for place, row_id, digest in content}
    return [(*named, digest) for named, digest in sorted(last.items())]


def versioned_entry(
    kind: str, fields: Mapping[str, object], request: Provenance | None, content: Content | None = None
) -> bytes:
    """Return an entry: `kind/1`, or `kind/2` with its *request*, and with its *content* where it can have any.

    INVARIANT: this alone decides the version of an entry.
    """
    if request is None:
        return entry_bytes(f"{kind}/1", fields)
    sealed = {} if content is None else {CONTENT: [list(each) for each in content]}
    return entry_bytes(f"{kind}/2", {**fields, "request": request.written(), **sealed})
