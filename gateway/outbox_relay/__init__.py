"""Delivers outbox messages to the city platform and to supervisors (CLI noun: courier) [5.1.4(5)] [5.2.2]."""
