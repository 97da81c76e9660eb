"""Corrections and removals of wrong information, and the notification of its recipients [5.1.4(6)]."""
