"""Settings: declared once, read once from the environment, and documented from the declaration."""
