"""Commands of the ledger: what outsiders run need no settings, no database and no key file."""

from gateway.cli.ledger.verify import verify
from gateway.cli.ledger.witness import witness

__all__ = ["verify", "witness"]
