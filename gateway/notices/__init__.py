"""Notices as PDF: facts in, a document out that a person can be handed [A]."""
