"""Restraint cases in GraphQL [5.1]."""
