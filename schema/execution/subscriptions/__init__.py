"""Subscriptions: a planned read that is made again when something has happened, and sent where it shows more."""
