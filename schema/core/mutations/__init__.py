"""How a mutation runs: one transaction, a key against repetition, refusals as members of a union."""
