"""The second entry of an act that its subject could not know of at first: from here on the act counts [5.1.4(2)].

While a case is not notified, or is marked confidential, its subject does not see it, and must not see it in the counts
of its own tree. So the entry of an act about it counts for nobody (n = 0). When the subject may see it, each such act
gets a second entry, which counts for its subject. Each act counts once, and the sums of the log hold all the time.

    entry at first    0x0000 ‖ commitment of the act, in the log `consent`
    entry of then     the commitment to the record below: 32 bytes, as those of all acts that count
    salt              that of the act, with which the commitment of the act is made as well
    source            the first 16 bytes of the commitment to the record below
"""

from uuid import UUID

from consent.leaves.canonical_form import commitment, entry_bytes


def entry_opened_bytes(withheld: bytes) -> bytes:
    """Return the record: the commitment of the act, whose entry counted for nobody.

    The bytes are, for example:

        {"type":"entry-opened/1","withheld":"abababababababababababababababababababababababababababababababab"}
    """
    return entry_bytes("entry-opened/1", {"withheld": withheld})


def opening(withheld: bytes, salt: bytes) -> tuple[UUID, bytes]:
    """Return the source and the entry of the opening of an act, given its commitment and its salt.

    Raises NotCanonical for a salt of another length.
    """
    committed = commitment(salt, entry_opened_bytes(withheld))
    return UUID(bytes=committed[:16]), committed
