"""Deferred documents and commitments in GraphQL [4.2.2] [4.2.3]."""
