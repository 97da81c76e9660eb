"""Issued notices, and the numbers of departments [A]."""
