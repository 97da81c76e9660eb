"""The house as its tests need it: a whole street, on both databases."""

from tests.journeys.conftest import street
from tests.schema.grounds import kek

__all__ = ["kek", "street"]
