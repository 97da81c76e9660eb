"""Accepts cases that the approval-supervision platform pushes [5.1.3]."""
