"""Shared parts of all credit topics: errors, labels, references, and ports."""
