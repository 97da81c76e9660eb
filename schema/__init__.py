"""The GraphQL schema, and the engine that authorises, plans and executes an operation."""
