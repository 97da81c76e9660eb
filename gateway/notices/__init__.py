"""Notices as PDF: makes a document from facts, signs it, and checks its code [A]."""
