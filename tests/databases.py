"""On which databases a test runs, where that is not what its folder says.

SQL that differs between the two is tested on both where it is written (`tests/storage`), and by at least one journey of
each topic. What is decided before the database is asked, or in the same statements, is tested on SQLite alone.
"""

import pytest

SQLITE = ("sqlite",)
BOTH = ("sqlite", pytest.param("postgresql", marks=pytest.mark.postgres))

TWICE = ("sqlite", pytest.param("postgresql", marks=[pytest.mark.postgres, pytest.mark.again]))
"""The same for journeys and files: of a sample, some of a file run on PostgreSQL."""

on_both = pytest.mark.parametrize("database_url", TWICE, indirect=True)
"""For a journey with a database of its own: on SQLite, and again on PostgreSQL."""
on_sqlite = pytest.mark.parametrize("database_url", SQLITE, indirect=True)
"""For a test with a database of its own: on SQLite alone."""
shared_on_sqlite = pytest.mark.parametrize("template", SQLITE, indirect=True)
"""For a test that reads its module's database: on SQLite alone."""
