"""Authorisations: who allowed what, for which purpose and until when, with proof [5.1.6].

Pure: no clock, no network.
"""
