"""The gateway as a subgraph of a federation: the two roots that a router asks, and the schema as it composes it."""
