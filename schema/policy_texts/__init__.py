"""Policy texts, measures and working days in GraphQL [6.3]."""
