"""Issued notices, and the numbers that departments give [A]."""
