"""Commands for operators: server, database, keys, reference data, policy, calendar, and outbox."""
