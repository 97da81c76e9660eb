"""Incentives in GraphQL [4.2]."""
