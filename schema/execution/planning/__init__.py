"""Authorises and plans an operation in one visit, before a statement runs."""
