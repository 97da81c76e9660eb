"""Conditions on rows in SQL: what is confidential, in force, not finished, delayed; and the rules of the scopes."""
