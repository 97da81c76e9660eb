"""Notices in GraphQL [A]."""
