"""The second entry of a disclosure that a lawful delay covered [5.1.6]: from its date on, the disclosure counts.

While the delay lasts, the entry of the disclosure counts for nobody (n = 0), and its record says how many it shows. On
the date the log gets a second entry for it, with their number. So the sums hold all the time, and afterwards everybody
whom it concerns can prove when the read was recorded, when it was opened, and how long it was delayed.

    entry    u16 n ‖ commitment, in the log `access`
    salt     salt 0 of the disclosure [consent/disclosures/formats.py], which its subjects know
    source   the first 16 bytes of the commitment
"""

from collections.abc import Sequence
from uuid import UUID

from consent.disclosures.formats import entry
from consent.leaves.canonical_form import canonical_bytes, commitment
from consent.ledger.merkle_tree import root_of


def disclosure_opened_bytes(first_index: int, root: bytes, subjects: int) -> bytes:
    """Return the record: the place of the entry that counted for nobody, and the root over the parts of its subjects.

    The bytes are, for example:

        {"first_index":7,"root":"abababababababababababababababababababababababababababababababab","subjects":2,
        "type":"disclosure-opened/1"}
    """
    return canonical_bytes(
        {"type": "disclosure-opened/1", "first_index": first_index, "root": root.hex(), "subjects": subjects}
    )


def opening(first_index: int, sub_leaves: Sequence[bytes], record_salt: bytes) -> tuple[UUID, bytes]:
    """Return the source and the entry of the opening of a disclosure; raises NotCanonical."""
    record = disclosure_opened_bytes(first_index, root_of(sorted(sub_leaves)), len(sub_leaves))
    committed = commitment(record_salt, record)
    return UUID(bytes=committed[:16]), entry(len(sub_leaves), committed)
