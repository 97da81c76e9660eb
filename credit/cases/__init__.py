"""Restraint cases: the case, its status, and its recorded steps [5.1]."""
