"""Consultations in GraphQL [5.2.3]."""
