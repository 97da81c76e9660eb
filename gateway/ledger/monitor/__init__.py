"""Logs as outsiders have them: verified, remembered, and copied, over HTTP or from a copy; no database, no key file."""
