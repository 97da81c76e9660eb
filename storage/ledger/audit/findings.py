"""What an audit finds: a contradiction, by a stable code, with places and ids and without any personal data."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID


class ContradictionCode(StrEnum):
    """What contradicts what. A code never changes its meaning."""

    ROW_ADDED = "ROW_ADDED"
    """A row of a table of entries has no entry in its log."""
    ROW_DELETED = "ROW_DELETED"
    """An entry has no row, and no erasure or restore took it away."""
    ROW_CHANGED = "ROW_CHANGED"
    """A row gives another entry than the one that is in its log."""
    ENTRY_REPEATED = "ENTRY_REPEATED"
    """Two entries name one source."""
    TAG_WRONG = "TAG_WRONG"
    """Entries that wait have another tag than their bytes give."""
    GROUP_MISSING = "GROUP_MISSING"
    """A number is missing among the groups of a recorder."""
    GROUP_HELD = "GROUP_HELD"
    """The sequencer refused a group."""
    LEAF_MISMATCHED = "LEAF_MISMATCHED"
    """A leaf that waited before revision 25 did not fit its row."""
    TREE_DIFFERS = "TREE_DIFFERS"
    """The entries of a log do not give the tree that was stored for it, or one of them is missing."""
    ERASED_DIFFER = "ERASED_DIFFER"
    """Other entries name nobody than those that erasures counted."""
    ATTESTED_DIFFER = "ATTESTED_DIFFER"
    """The rows that were taken over at an upgrade are not those that the log `system` says."""
    OPENING_MISSING = "OPENING_MISSING"
    """A subject sees a record, and an earlier act about it still counts for nobody."""
    OPENING_WRONG = "OPENING_WRONG"
    """A second entry is not that of an act that counted for nobody."""
    STATE_ADDED = "STATE_ADDED"
    """A record exists, and no entry tells of it."""
    STATE_DELETED = "STATE_DELETED"
    """Entries tell of a record that does not exist."""
    STATE_DIFFERS = "STATE_DIFFERS"
    """A record is not what its entries say: the columns name where."""
    USES_DIFFER = "USES_DIFFER"
    """An authorisation counts other uses than the access record has."""
    SUBJECT_UNKNOWN = "SUBJECT_UNKNOWN"
    """A row or an entry is about a subject that does not exist."""
    READ_MODEL_DIFFERS = "READ_MODEL_DIFFERS"
    """A copy that the database keeps of published cases differs from them."""
    TERM_DIFFERS = "TERM_DIFFERS"
    """A search term is not that of the subject's number, or is missing."""
    MASK_DIFFERS = "MASK_DIFFERS"
    """A mask is not that of the sealed text beside it."""
    CONTENT_DIFFERS = "CONTENT_DIFFERS"
    """A sealed text is not the one that the last act sealed: an earlier row was put back."""
    SEAL_BROKEN = "SEAL_BROKEN"
    """A sealed value does not open at its place, at the version of its row."""


@dataclass(frozen=True, slots=True)
class Contradiction:
    """One contradiction: where it is, by table and ids, and in which columns."""

    code: ContradictionCode
    table: str
    row_id: UUID | None = None
    subject_id: UUID | None = None
    log: str | None = None
    leaf_index: int | None = None
    columns: tuple[str, ...] = ()

    def written(self) -> dict[str, Any]:
        """Return it as JSON has it; what does not apply is left out."""
        plain = {name: value for name, value in asdict(self).items() if value is not None and value != ()}
        return {
            name: str(value) if isinstance(value, UUID) else list(value) if isinstance(value, tuple) else value
            for name, value in plain.items()
        }


def in_order(findings: Iterable[Contradiction]) -> Sequence[Contradiction]:
    """Return findings by table, code and row."""
    return sorted(findings, key=lambda one: (one.table, one.code, str(one.row_id), one.leaf_index or 0))
