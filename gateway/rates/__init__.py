"""How many requests may come, and what they may cost: per account, department, network and document."""
