"""The house as its tests need it: a whole street, on both databases."""

from tests.journeys.conftest import server
from tests.schema.shared_databases import kek

__all__ = ["kek", "server"]
