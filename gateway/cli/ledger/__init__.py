"""Commands of the ledger: what outsiders run need no settings, no database and no key file."""

from gateway.cli.ledger.verify import verify

__all__ = ["verify"]
