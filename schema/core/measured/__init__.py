"""What is measured of a request: its cost, and the time of its steps."""
