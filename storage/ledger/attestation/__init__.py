"""Rows from before their acts were kept: what is taken over at an upgrade, once, and the entry that closes it."""
