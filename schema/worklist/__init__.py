"""Worklists in GraphQL [5.1.4] [6.1]."""
