"""The engine: authorises, plans and executes a GraphQL operation. It imports no topic."""
