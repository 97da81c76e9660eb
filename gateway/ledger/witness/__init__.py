"""A witness of other districts' logs: it cosigns what continues what it has seen, and nothing else."""
