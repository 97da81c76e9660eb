"""The ledger's tables: what waits, what is integrated, and what was found wrong on the way. No personal data.

Their rows have ids, hashes, counts and instants. `consent/ledger` says what an entry, a tree and a checkpoint are.
"""

from sqlalchemy import JSON, BigInteger, Column, Index, Integer, LargeBinary, SmallInteger, String, Table, Text, text

from storage.database.column_types import Id, Instant
from storage.tables.base import OWNED, metadata, one_of, operational_table, where

pending_entries = operational_table(
    # Entries that wait for the sequencer, one row for each commit [consent/disclosures/pending_groups.py].
    # No column refers to a person, and nothing is found by a key: the sequencer takes the rows as they lie.
    "pending_entries",
    Column("recorder", Id),  # the process that recorded reads; null for a mutation, which numbers nothing
    Column("number", BigInteger),  # of the recorder's groups, from 0 without a gap
    Column("log", String(16), nullable=False),
    Column("sources", LargeBinary, nullable=False),  # the ids of the rows that the entries commit to
    Column("owners", LargeBinary),  # of the log `consent`: the subject of each entry; null from before revision 33
    Column("leaves", LargeBinary, nullable=False),
    Column("tag", LargeBinary(32)),  # keyed, over all of it and the recorder's tag before; null from before revision 25
    one_of("log", "consent", "access", "system"),
)

ledger_recorders = operational_table(
    # How far the sequencer has taken each recorder's groups, so that a gap or a repetition is seen.
    "ledger_recorders",
    Column("recorder", Id, primary_key=True),
    Column("next_number", BigInteger, nullable=False),
    Column("last_tag", LargeBinary(32), nullable=False),
)

mismatched_leaves = operational_table(
    # Leaves that waited before revision 25 and do not fit their row, or have none: kept as they were, for an auditor.
    "mismatched_leaves",
    Column("entry_id", Id, primary_key=True),
    Column("log", String(16), nullable=False),
    Column("leaf_hash", LargeBinary(32), nullable=False),
    Column("appended_at", Instant, nullable=False),
    Column("reason", String(16), nullable=False),  # whether its row is CHANGED or MISSING
    one_of("reason", "CHANGED", "MISSING"),
)

held_groups = operational_table(
    # Groups that the sequencer refused: their tag is not that of their bytes, and their rows give other entries.
    "held_groups",
    Column("held_id", Id, primary_key=True),
    Column("held_at", Instant, nullable=False),
    Column("reason", String(16), nullable=False),  # TAG, GAP, REPEATED, SOURCE
    Column("recorder", Id),
    Column("number", BigInteger),
    Column("log", String(16), nullable=False),
    Column("sources", LargeBinary, nullable=False),
    Column("owners", LargeBinary),
    Column("leaves", LargeBinary, nullable=False),
    Column("tag", LargeBinary(32)),
)

ledger_trees = operational_table(
    # The size of each log and the right edge of its tree: the roots of its complete subtrees, the largest first.
    # INVARIANT: a sequencer advances it only where the size is still the one that it read.
    "ledger_trees",
    Column("log", SmallInteger, primary_key=True, autoincrement=False),  # consent.ports.LOG_CODES
    Column("size", BigInteger, nullable=False),
    Column("edge", LargeBinary, nullable=False),
    Column("integrated_at", Instant, nullable=False),
)

ledger_entries = operational_table(
    # What each log holds, in its order. Append-only, but for what a restore puts at another place.
    "ledger_entries",
    Column("log", SmallInteger, primary_key=True, autoincrement=False),
    Column("leaf_index", BigInteger, primary_key=True, autoincrement=False),
    Column("source", Id, nullable=False, unique=True),  # the row that it commits to
    Column("owner", Id),  # of the log `consent`: its subject
    Column("leaf", LargeBinary, nullable=False),  # the entry: a count and a commitment, or a readable text in `system`
    Index(
        "ix_ledger_entries_commitment",
        text("substring(leaf FROM octet_length(leaf) - 31)"),
        postgresql_using="hash",
        info={"only": "postgresql"},
    ),
    Index("ix_ledger_entries_commitment_start", text("substr(leaf, length(leaf) - 31, 8)"), info={"only": "sqlite"}),
    Index("ix_ledger_entries_owner", "owner", "leaf_index", **where("owner IS NOT NULL")),
    sqlite_with_rowid=False,
)

ledger_audits = operational_table(
    # How far the audit in the background has come, and what the last one that ended found.
    "ledger_audits",
    Column("name", String(16), primary_key=True),
    Column("started_at", Instant, nullable=False),
    Column("walk", String(64)),  # that is next or under way; null once it is over
    Column("after", JSON(none_as_null=True)),  # where the last page of this walk ended
    Column("findings", Integer, nullable=False),  # so far
    Column("finished_at", Instant),  # the last one that ended
    Column("finished_findings", Integer),
    Column("clean_since", Instant),  # when the last one that found nothing began
)

system_entries = operational_table(
    # What the log `system` says, so that the last one about a thing is found [consent/ledger/system_entries.py].
    "system_entries",
    Column("entry_id", Id, primary_key=True),  # the first 16 bytes of SHA-256 of the entry
    Column("type", String(32), nullable=False),
    Column("about", String(100), nullable=False),  # of things of one type: which year, which table; else empty
    Column("at", Instant, nullable=False),
    Column("entry", Text, nullable=False),  # readable by everybody
    Index("ix_system_entries_about", "type", "about", "at"),
)

ledger_restores = operational_table(
    # Entries that were published and that a restored database did not have: they stay at their places, without a row.
    "ledger_restores",
    Column("log", SmallInteger, primary_key=True, autoincrement=False),
    Column("first_index", BigInteger, primary_key=True, autoincrement=False),
    Column("end_index", BigInteger, nullable=False),  # the first that is not lost
    Column("subjects", Integer, nullable=False),  # how many the lost entries count for
    Column("found_at", Instant, nullable=False),
)

ledger_folds = operational_table(
    # How far the entries of each log have gone into the trees of their subjects, and for how many they count.
    # INVARIANT: a fold goes on only where position and revision are still those that it read.
    "ledger_folds",
    Column("log", SmallInteger, primary_key=True, autoincrement=False),
    Column("position", BigInteger, nullable=False),  # the first entry that has not
    Column("stated", BigInteger, nullable=False),  # for how many subjects the entries before it say that they count
    Column("erased", BigInteger, nullable=False),  # of these, in trees that were erased
    Column("lost", BigInteger, nullable=False),  # of these, by entries without a row since a restore
    Column("unfound", BigInteger, nullable=False),  # of these, by other entries without a row: an alarm
    Column("revision", Integer, nullable=False),  # rises when a tree is erased
    Column("last_source", Id),  # of the entry before `position`: a restore may have put another there
)

subject_heads = Table(
    # The two trees of each subject that has an entry [consent/ledger/subject_trees.py]: how many leaves, the roots of
    # the complete subtrees, and the size of the log with the last one. Derived from the entries; without a foreign key,
    # since an entry may name a subject that does not exist, which an audit finds.
    "subject_heads",
    metadata,
    Column("subject_id", Id, primary_key=True),
    Column("consent_count", BigInteger, nullable=False),
    Column("consent_edge", LargeBinary, nullable=False),
    Column("consent_size", BigInteger, nullable=False),
    Column("access_count", BigInteger, nullable=False),
    Column("access_edge", LargeBinary, nullable=False),
    Column("access_size", BigInteger, nullable=False),
    # In `access`, by the milliseconds that the ids of disclosures begin with [RFC 9562 section 5.7]:
    Column("block_first_ms", BigInteger),  # the earliest disclosure of the unfinished block
    Column("last_ms", BigInteger),  # the latest disclosure of all
    Column("generation", Integer, nullable=False),  # rises when a restore makes a tree shorter
    info=OWNED,
    postgresql_with={"fillfactor": "70"},  # a row changes with each read: room for its next version beside it
    sqlite_with_rowid=False,
)

subject_blocks = Table(
    # The complete blocks of a subject's trees, and where their entries are: behind the block before, up to `end_index`,
    # and in `access` among the disclosures of these milliseconds.
    "subject_blocks",
    metadata,
    Column("subject_id", Id, primary_key=True),
    Column("log", SmallInteger, primary_key=True, autoincrement=False),
    Column("block", Integer, primary_key=True, autoincrement=False),
    Column("end_index", BigInteger, nullable=False),
    Column("first_ms", BigInteger),
    Column("last_ms", BigInteger),
    Column("hash", LargeBinary(32), nullable=False),
    info=OWNED,
    sqlite_with_rowid=False,
)

disclosure_openings = operational_table(
    # The second entry of a disclosure that a lawful delay covered [5.1.6]: it counts from here on.
    "disclosure_openings",
    Column("source", Id, primary_key=True),  # the first half of its commitment
    Column("disclosure_id", Id, nullable=False, unique=True),
    Column("first_index", BigInteger, nullable=False),  # of the entry that counted for nobody
    Column("opened_at", Instant, nullable=False),
)

ledger_epochs = operational_table(
    # What each epoch published [consent/ledger/epochs.py].
    "ledger_epochs",
    Column("epoch", BigInteger, primary_key=True, autoincrement=False),
    Column("source", Id, nullable=False),  # of its entry in the log `system`
    Column("made_at", Instant, nullable=False),
    Column("consent_size", BigInteger, nullable=False),
    Column("access_size", BigInteger, nullable=False),
    Column("heads", BigInteger, nullable=False),
    Column("root", LargeBinary(48), nullable=False),  # with both sums before the hash
    Column("folder", String(48)),  # of its tree in the store; null once that was removed
)

erasures = Table(
    # Subjects that were erased. Their ids stay, as in the records that stay by law; nothing leads from one to a person.
    # `system` says label and counts of each, so that whoever is dropped under this pretext finds its own label there.
    "erasures",
    metadata,
    Column("subject_id", Id, primary_key=True),
    Column("erased_at", Instant, nullable=False),
    Column("actor_ref", String(64), nullable=False),
    Column("reason", String(24), nullable=False),  # PURPOSE_ACHIEVED, PERIOD_OVER, ... [PIPL 47]
    Column("evidence", Text, nullable=False),  # references of papers: no personal data
    Column("epoch", BigInteger, nullable=False),  # of the label: the last one
    Column("label", LargeBinary(32), nullable=False),
    Column("consent_count", BigInteger, nullable=False),  # how many entries `system` says were erased
    Column("access_count", BigInteger, nullable=False),
    Column("looked_again_at", Instant),  # when reads that overtook it were looked for
    info=OWNED,
)

erased_access_entries = operational_table(
    # Who, when and what for, of reads of before revision 25 whose subject was erased. A later read keeps its own row.
    "erased_access_entries",
    Column("entry_id", Id, primary_key=True),
    Column("stub_id", Id),  # half of its commitment; null from before revision 41 until it is taken over
    Column("salt", LargeBinary(16)),
    Column("at", Instant, nullable=False),
    Column("actor_ref", String(64), nullable=False),
    Column("role", String(16), nullable=False),
    Column("department_code", String(32)),
    Column("purpose", String(32), nullable=False),
    Index("uq_erased_access_entries_stub_id", "stub_id", unique=True),
)
