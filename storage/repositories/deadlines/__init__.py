"""Stored due days, and the working days by which they are counted [5.1.4]."""
