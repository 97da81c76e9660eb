"""Yearly figures in GraphQL [6.1] [6.3]."""
