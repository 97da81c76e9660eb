"""Puts the SQL text of a plan together from fragments that SQLAlchemy compiled once."""
