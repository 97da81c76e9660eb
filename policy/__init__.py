"""Decides who may do what, for which purpose and in which form; and the only package that opens a sealed value."""
