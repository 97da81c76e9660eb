"""Incentives for applicants with a clean record [4.2]."""
