"""Duties to delete, compared with what makes them [5.1.6] [PIPL 47]."""
