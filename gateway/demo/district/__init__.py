"""The district of the demo: departments, service matters, and people."""
