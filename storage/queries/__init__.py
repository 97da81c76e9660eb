"""Compiles query plans to SQL and runs them."""
