"""What a subject checks to know that what it is shown is all there is: its head, its trees, and how they have grown.

It has its secret and its entries, and the entry of the epoch from the log `system`, which everybody can read. Nothing
here asks the gateway: `chengxin receipt verify` and a program of the subject's own run the same checks.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from consent.errors import NotCanonical, ProofRefused
from consent.ledger.epochs import Blinding, Head, HeadPath, blinded_head, verify_head
from consent.ledger.flaws import LedgerFlaw
from consent.ledger.merkle_tree import root_of, verify_consistency
from consent.ledger.subject_trees import subject_leaf_hash
from consent.ledger.system_entries import EpochRoot

OwnEntry = tuple[int, bytes]
"""The place of an entry in its log, and the subject's own hash of it."""


@dataclass(frozen=True, slots=True)
class OwnHead:
    """A subject's head in one epoch, with its way to the root."""

    epoch: int
    head: Head
    way: HeadPath = field(repr=False)


def epoch_node(published: EpochRoot) -> bytes:
    """Return the root node of an epoch, with its sums, as the log `system` states it. Raises ProofRefused."""
    try:
        sums = published.consent_sum.to_bytes(8, "big") + published.access_sum.to_bytes(8, "big")
    except OverflowError as error:
        raise ProofRefused(LedgerFlaw.NUMBER_TOO_LARGE) from error
    return sums + published.root


def verify_own_head(secret: bytes, own: OwnHead, published: EpochRoot) -> None:
    """Return nothing if the head is the one that the epoch has of the subject with this secret. Raises ProofRefused."""
    try:
        keys = Blinding(own.epoch).keys(secret)
    except NotCanonical as error:
        raise ProofRefused(LedgerFlaw.NOT_INCLUDED) from error
    verify_head_of_epoch(keys, own, published)


def verify_head_of_epoch(keys: bytes, own: OwnHead, published: EpochRoot) -> None:
    """Return nothing if the head is the one that the epoch has under its *keys*, which a delegate has of its principal.

    Raises ProofRefused.
    """
    if own.epoch != published.epoch:
        raise ProofRefused(LedgerFlaw.NOT_INCLUDED)
    try:
        blinded = blinded_head(keys, own.head)
    except NotCanonical as error:
        raise ProofRefused(LedgerFlaw.NOT_INCLUDED) from error
    verify_head(blinded, own.way, published.heads, epoch_node(published))


def verify_whole(head: Head, consent: Sequence[OwnEntry], access: Sequence[OwnEntry], published: EpochRoot) -> None:
    """Return nothing if these entries, in the order of their logs, are all that the head commits to.

    Raises ProofRefused where one is missing, added or changed, or lies behind the end of its log at the epoch.
    """
    of_logs = (
        (consent, head.consent_count, head.consent_root, published.consent_size),
        (access, head.access_count, head.access_root, published.access_size),
    )
    for entries, count, root, log_size in of_logs:
        places = [place for place, _ in entries]
        if len(entries) != count or places != sorted(set(places)) or any(not 0 <= each < log_size for each in places):
            raise ProofRefused(LedgerFlaw.OUT_OF_RANGE)
        if root_of([subject_leaf_hash(*each) for each in entries]) != root:
            raise ProofRefused(LedgerFlaw.NOT_INCLUDED)


def verify_growth(before: Head, now: Head, consent: Sequence[bytes], access: Sequence[bytes]) -> None:
    """Return nothing if both trees of *now* are those of *before* with leaves appended. Raises ProofRefused."""
    verify_consistency(before.consent_count, before.consent_root, now.consent_count, now.consent_root, consent)
    verify_consistency(before.access_count, before.access_root, now.access_count, now.access_root, access)
