"""Applications in GraphQL [4]."""
