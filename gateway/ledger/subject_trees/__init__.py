"""Epochs over the trees of all subjects, and the secrets that blind them."""
