"""A running server, on both databases."""

from tests.journeys.conftest import server

__all__ = ["server"]
