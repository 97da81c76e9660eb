"""Subjects in GraphQL [3.2]."""
