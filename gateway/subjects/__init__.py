"""Seals the particulars of subjects: registration, change of identity, and re-encryption."""
