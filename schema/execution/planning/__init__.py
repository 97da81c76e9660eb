"""Authorises and plans an operation in one visit, before anything runs."""
