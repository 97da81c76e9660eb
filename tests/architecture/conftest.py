"""The house as its tests need it: a whole street, on both databases."""

from tests.journeys.conftest import server

__all__ = ["server"]
