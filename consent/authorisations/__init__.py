"""Authorisations: what is done with them, by whom, and what it leaves."""
