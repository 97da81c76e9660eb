"""The entries of the logs go into the trees of their subjects."""
