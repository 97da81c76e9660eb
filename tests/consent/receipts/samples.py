"""Receipts of a consent event and of a read, made as a gateway makes them."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from consent.disclosures.formats import AccessContext, Disclosure, Ground
from consent.disclosures.proofs import subject_proof
from consent.leaves.canonical_form import leaf_hash
from consent.leaves.consent_events import ConsentEvent, Event
from consent.ledger.merkle_tree import inclusion_path, root_of
from consent.ledger.notes.checkpoints import Checkpoint
from consent.ledger.notes.log_policy import LogPolicy, PolicyGroup, PolicyLog, PolicyWitness
from consent.ledger.notes.signatures import CheckpointCosigner, NoteSigner
from consent.ledger.notes.tlog_proofs import TlogProof
from consent.receipts.receipts import Entry, PlainRecord, Receipt, receipt_digest, seal_text
from consent.receipts.statements import SCHEMA_VERSION
from consent.receipts.verify import entry_leaf
from consent.vocabulary import Basis, Channel, KnownBy, Purpose

SUBJECT, OTHER = UUID(int=1), UUID(int=2)
AT = datetime(2026, 3, 5, 1, 2, 3, 4, tzinfo=UTC)
SECONDS = 1_772_672_585
SIGNERS = {
    log: NoteSigner(f"credit.linzi.example/{log}", bytes([n]) * 32) for n, log in enumerate(("consent", "access"))
}
COSIGNERS = [CheckpointCosigner(f"witness.example/w{n}", bytes([9 + n]) * 32) for n in range(2)]
POLICY = LogPolicy(
    tuple(PolicyLog(each.key) for each in SIGNERS.values()),
    tuple(PolicyWitness(f"w{n}", each.key) for n, each in enumerate(COSIGNERS)),
    (PolicyGroup("both", 1, ("w0", "w1")),),
    "both",
)
EVENT = ConsentEvent(
    SUBJECT, UUID(int=12), UUID(int=4), AT, "account-1", "subject", Event.GRANTED,
    {"purpose": "CREDIT_CHECK", "groups": ["IDENTITY"], "expires_on": "2026-04-04"}, bytes(range(16)),
)  # fmt: skip
GROUND = Ground(Basis.STATUTE, "5.2.2", (("NaturalPerson.name", "PERSON_NAME", "MASKED"),))
DISCLOSURE = Disclosure(
    UUID(int=10), UUID(int=11), AT, "staff-1",
    AccessContext("regulator", "LZ-MARKET", Purpose.FOCUSED_CHECK, Channel.GRAPHQL, KnownBy.TOKEN, "ab" * 32),
    [OTHER, SUBJECT, UUID(int=3)], [((GROUND, None),)] * 3, bytes(16),
)  # fmt: skip
ENTRIES = {"consent": PlainRecord(EVENT.canonical_bytes(), EVENT.salt), "access": subject_proof(DISCLOSURE, SUBJECT)}


@dataclass(frozen=True)
class Made:
    """What a test may change before a receipt is sealed."""

    log: str
    entry: Entry
    statement: dict
    seconds: int = SECONDS
    seal_origin: str | None = None

    def receipt(self) -> Receipt:
        leaf = entry_leaf(self.entry)
        hashes = [leaf_hash(bytes([n])) for n in range(5)] + [leaf] + [leaf_hash(bytes([n])) for n in range(7, 12)]
        head = Checkpoint(f"credit.linzi.example/{self.log}", len(hashes), root_of(hashes))
        signer = SIGNERS[self.log]
        note = signer.signed(head.text).with_signatures(*(it.cosign(head, self.seconds) for it in COSIGNERS))
        proof = TlogProof(5, tuple(inclusion_path(hashes, 5)), note)
        digest = receipt_digest(self.statement, self.entry, proof)
        return Receipt(
            self.statement, self.entry, proof, signer.signed(seal_text(self.seal_origin or head.origin, digest))
        )


def statement(log: str) -> dict:
    is_read = log == "access"
    return {
        "schema_version": SCHEMA_VERSION,
        "record_id": str(DISCLOSURE.disclosure_id if is_read else EVENT.event_id),
        "pii_principal_id": str(SUBJECT),
        "issued_at": "2026-03-06T01:02:03.000004Z",
        "language": "zh-CN",
        "pii_controller": {"name": "临淄区", "log": f"credit.linzi.example/{log}"},
        "privacy_notice": None,
        "purposes": [{
            "purpose": "FOCUSED_CHECK" if is_read else "CREDIT_CHECK",
            "lawful_basis": "STATUTE" if is_read else "CONSENT",
            "pii_categories": ["IDENTITY"], "recipients": ["LZ-MARKET"], "retention": "P5Y",
            "withdrawal_method": "withdrawAuthorisation",
        }],
        "events": [{
            "event_type": "READ" if is_read else "GRANTED", "event_time": "2026-03-05T01:02:03.000004Z",
            "entity": "staff-1" if is_read else "account-1",
        }],
    }  # fmt: skip


def made(log: str) -> Made:
    return Made(log, ENTRIES[log], statement(log))
