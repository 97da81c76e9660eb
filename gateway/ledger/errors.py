"""What a store of the ledger cannot do, by name.

    LedgerStoreError
    ├── StoreUnreachable    it gives no answer in time, or answers with an error
    ├── StoreFull           it has no space; what was there before is there still
    ├── StoreConflict       other bytes are there than the caller expects: another writer was faster, or another log
    ├── StoreBehind         a witness has cosigned a larger tree: the store was put back to an earlier moment
    ├── QuorumMissing       witnesses did not cosign, so that the last checkpoint stays the published one
    ├── StoreUnfit          it does not keep the promises of a store, such as a write that must not replace anything
    └── StoreCorrupt        what it holds is not of the tree that its checkpoint states

Messages name paths of the log, which are public, and never an address or a key of the store.
"""


class LedgerStoreError(Exception):
    """Any failure of a store."""


class StoreUnreachable(LedgerStoreError):
    """The store gives no answer in time, or answers with an error. Whether a write took place is not known."""


class StoreFull(LedgerStoreError):
    """The store has no space. Nothing was replaced."""


class StoreConflict(LedgerStoreError):
    """The store holds other bytes under this path than the caller expects. Nothing was replaced."""


class StoreUnfit(LedgerStoreError):
    """The store does not keep the promises of `TileStore`, so that two writers could overwrite one another."""


class StoreCorrupt(LedgerStoreError):
    """The bytes in the store are not of the tree that its checkpoint states."""


class QuorumMissing(LedgerStoreError):
    """Fewer witnesses have cosigned the checkpoint than the policy asks for. The last one stays published."""


class StoreBehind(LedgerStoreError):
    """A witness has cosigned a larger tree than that of the store, which was put back to an earlier moment.

    Nothing is signed until the store has the later entries again, from a copy that somebody follows the log with.
    """
