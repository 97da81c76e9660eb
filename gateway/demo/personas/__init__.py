"""The personas of the demo, and an example query for each task."""
