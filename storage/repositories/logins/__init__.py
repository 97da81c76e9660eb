"""Logins of browsers: their attempts and their sessions."""
