"""Messages to other platforms in GraphQL [6.2]."""
