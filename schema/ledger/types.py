"""A subject's own trees in the ledger, in GraphQL. Bytes are base64; `consent.ledger` has formats and checks."""

from base64 import b64encode
from collections.abc import Sequence
from datetime import datetime
from typing import Final, Self
from uuid import UUID

import strawberry

from consent.disclosures.proofs import SubjectProof
from consent.errors import ProofRefused
from consent.ledger.own_ledger import OwnLedger, OwnLedgerEntry, OwnPage, OwnTree
from consent.vocabulary import Purpose
from policy.actors import Role
from queryplan.entities import Entity
from schema.core.context import Info, RequestContext
from schema.core.global_ids import encode, encode_shown, subject_id_of

_LOG: Final = "query Log($of: ID!) { myAccessLog(subject: $of, first: 1) { nodes { id at actor purpose } } }"


def _text(written: bytes) -> str:
    return b64encode(written).decode()


def _texts(written: Sequence[bytes]) -> list[str]:
    return [_text(each) for each in written]


@strawberry.type(
    description="查阅证明：what the subject holds of one read: the record, and its own part of it [5.1.6]."
)
class LedgerProof:
    record: str = strawberry.field(description="The record of the read: who, when, for what purpose. JSON in base64.")
    record_salt: str = strawberry.field(description="The salt of the record, 16 bytes.")
    part: str = strawberry.field(description="The subject's own part: by which grounds it was shown.")
    part_salt: str = strawberry.field(description="The salt of that part, 16 bytes.")
    grounds: list[str] = strawberry.field(description="Each ground of the part, JSON in base64.")
    place: int = strawberry.field(description="The place of the part among those of the page, which are sorted.")
    path: list[str] = strawberry.field(description="The hashes from the part to the root in the record.")

    @classmethod
    def of(cls, proof: SubjectProof) -> Self:
        return cls(
            record=_text(proof.record),
            record_salt=_text(proof.record_salt),
            part=_text(proof.part),
            part_salt=_text(proof.part_salt),
            grounds=_texts(proof.grounds),
            place=proof.place,
            path=_texts(proof.path),
        )


@strawberry.type(description="存证条目：an entry of a log that is about the subject: a leaf of its own tree [5.1.6].")
class LedgerEntry:
    leaf_index: int = strawberry.field(description="Its place in the log.")
    entry: str = strawberry.field(description="The entry itself: how many subjects it counts for, and a commitment.")
    commitment: str = strawberry.field(description="The last 32 bytes of the entry, by which `/log` proves it.")
    own_hash: str = strawberry.field(description="What the entry says of this subject: 32 bytes of the leaf.")
    access_entry: strawberry.ID | None = strawberry.field(
        description="The id of the read in `myAccessLog`; null in the log consent."
    )
    opened_from: int | None = strawberry.field(
        description="延期公开：the place of the entry that counted for nobody while a delay lasted, or before the "
        "subject was notified of the case; else null."
    )
    proof: LedgerProof | None = strawberry.field(
        description="What leads from the subject's part to the commitment; null where the entry is one of one subject."
    )

    @classmethod
    def of(cls, ledger: OwnLedger, tree: OwnTree, entry: OwnLedgerEntry, purpose: Purpose | None) -> Self:
        read = None
        if tree.log == "access":
            read = encode_shown(purpose, Entity.ACCESS_ENTRY, ledger.subject_id, entry.source)
        return cls(
            leaf_index=entry.leaf_index,
            entry=_text(entry.entry),
            commitment=_text(entry.entry[-32:]),
            own_hash=_text(entry.own_hash),
            access_entry=None if read is None else strawberry.ID(read),
            opened_from=entry.opened_from,
            proof=None if entry.proof is None else LedgerProof.of(entry.proof),
        )


@strawberry.type(description="Leaves of the subject's tree, with the nodes that prove that none is missing [5.1.6].")
class LedgerPage:
    start: int = strawberry.field(description="The place of the first leaf in the tree, from 0.")
    entries: list[LedgerEntry] = strawberry.field(description="The leaves, in the order of the log.")
    before: list[str] = strawberry.field(description="The nodes before them, from left to right.")
    after: list[str] = strawberry.field(description="The nodes after them, from left to right.")

    @classmethod
    def of(cls, ledger: OwnLedger, tree: OwnTree, page: OwnPage, purpose: Purpose | None) -> Self:
        entries = [LedgerEntry.of(ledger, tree, each, purpose) for each in page.entries]
        return cls(start=page.start, entries=entries, before=_texts(page.before), after=_texts(page.after))


@strawberry.type(description="本人存证树：the subject's entries in one log, as the epoch commits to them [5.1.6].")
class SubjectTree:
    log: str = strawberry.field(description="The log: consent, or access.")
    size: int = strawberry.field(description="How many entries of the log are about the subject.")
    root: str = strawberry.field(description="The root over them, 32 bytes.")
    log_size: int = strawberry.field(description="The size of the log at the epoch: no later entry counts.")
    ledger: strawberry.Private[OwnLedger]
    tree: strawberry.Private[OwnTree]

    @strawberry.field(
        description="What shows that this tree is the one of an earlier visit with entries appended; null where that "
        "one was larger, which `generation` explains."
    )
    async def growth(self, info: Info, since: int) -> list[str] | None:
        try:
            return _texts(await info.context.own_ledgers.growth(self.ledger.subject_id, self.tree, since))
        except ProofRefused:
            return None

    @strawberry.field(description="At most 100 entries from one place on, with their proof; null where there are none.")
    async def page(self, info: Info, start: int = 0, first: int = 20) -> LedgerPage | None:
        try:
            found = await info.context.own_ledgers.page(self.ledger.subject_id, self.tree, start, first)
        except ProofRefused:
            return None
        return LedgerPage.of(self.ledger, self.tree, found, info.context.purpose)


@strawberry.type(
    description="本人存证：the subject's head in the newest epoch, whose root, number and sums stand in the public log "
    "`system`. With its secret the subject proves that what it is shown is all there is [5.1.6]."
)
class MyLedger:
    epoch: int = strawberry.field(description="The number of the epoch.")
    made_at: datetime = strawberry.field(description="When it was made (UTC).")
    secret: str | None = strawberry.field(
        description="本人密钥：the subject's secret, 32 bytes; the log consent commits to it. Who has it can find the "
        "subject's heads in a tree of an epoch, and nothing else. Null for a delegate, whose authority ends: it gets "
        "`epochKeys`."
    )
    epoch_keys: str = strawberry.field(
        description="本期密钥：the keys that follow from the secret for this epoch, 64 bytes: label and blind of the "
        "head. They say nothing of another epoch."
    )
    place: int = strawberry.field(description="The place of the head among the heads, which are sorted by label.")
    path: list[str] = strawberry.field(description="The nodes beside the way from the head to the root, 48 bytes each.")
    heads: int = strawberry.field(description="How many heads the epoch has.")
    root: str = strawberry.field(description="The node over all heads: two sums and a hash, 48 bytes.")
    generation: int = strawberry.field(
        description="Rises where the database was restored to an earlier moment and a tree became shorter."
    )
    consent: SubjectTree = strawberry.field(description="Everything about the subject but reads.")
    access: SubjectTree = strawberry.field(description="The reads of the subject's data.")

    @classmethod
    def of(cls, ledger: OwnLedger, *, with_secret: bool) -> Self:
        consent, access = (
            SubjectTree(
                log=tree.log, size=tree.size, root=_text(tree.root), log_size=tree.log_size, ledger=ledger, tree=tree
            )
            for tree in ledger.trees
        )
        return cls(
            epoch=ledger.own.epoch,
            made_at=ledger.made_at,
            secret=_text(ledger.secret) if with_secret else None,
            epoch_keys=_text(ledger.epoch_keys),
            place=ledger.own.way.place,
            path=_texts(ledger.own.way.path),
            heads=ledger.heads,
            root=_text(ledger.root),
            generation=ledger.generation,
            consent=consent,
            access=access,
        )


@strawberry.type
class LedgerQuery:
    """The root of this topic."""

    @strawberry.field(
        description="本人存证：what proves to the caller that its data has no other entries in the ledger than those "
        "that it is shown; a delegate that consents for a subject or contests its records names the `subject`. Null "
        "before the first epoch that has it, and for whoever is neither [5.1.6]."
    )
    async def my_ledger(self, info: Info, subject: strawberry.ID | None = None) -> MyLedger | None:
        context = info.context
        of = context.actor.subject if subject is None else subject_id_of(subject)
        itself = of is not None and of == context.actor.subject
        if of is None or not (itself or await _oversees(context, of)):
            return None
        found = await context.own_ledgers.latest(of)
        return None if found is None else MyLedger.of(found, with_secret=itself)


async def _oversees(context: RequestContext, subject_id: UUID) -> bool:
    """Return whether the caller is a delegate that sees the subject's log. Its look is recorded like any read of it."""
    if context.actor.role is not Role.AGENT or context.purpose is not Purpose.SELF_ACCESS:
        return False
    shown = await context.ask(_LOG, {"of": encode(Entity.SUBJECT, subject_id)})
    return bool(((shown.get("data") or {}).get("myAccessLog") or {}).get("nodes"))
