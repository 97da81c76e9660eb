"""Credit checks in GraphQL [4.1]."""
