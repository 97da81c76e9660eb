"""Commands of the ledger: what outsiders run needs no settings, no database and no key file."""

from gateway.cli.ledger.copies import follow, restore_store
from gateway.cli.ledger.verify import verify
from gateway.cli.ledger.witness import witness

__all__ = ["follow", "restore_store", "verify", "witness"]
