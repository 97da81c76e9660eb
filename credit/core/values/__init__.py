"""Reads a value that somebody gives: one rule for each kind of value, whatever the entrance.

Each parser normalises the value once, before it is compared, sealed or indexed, and refuses it with a `Flaw` that never
quotes it. GraphQL, files, the platform's endpoint and the command line call these parsers and add no rule of their own.
"""
