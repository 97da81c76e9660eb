"""Consultations before a rating, an award or a selection [5.2.3]."""
