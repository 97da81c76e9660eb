"""Promises of applicants: deferred documents and commitments [4.2.2] [4.2.3]."""
