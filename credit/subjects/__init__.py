"""Subjects: identifiers, registration, and re-encryption [3.2]."""
