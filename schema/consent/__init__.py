"""Authorisations and their templates in GraphQL [5.1.6]."""
