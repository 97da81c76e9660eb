"""Focused checks in GraphQL [5.2.2]."""
