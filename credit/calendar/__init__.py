"""The official working days, and the legal deadlines counted by them [5.1.4]."""
