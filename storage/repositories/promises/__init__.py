"""Deferrals, commitments, credit checks, and granted incentives [4]."""
