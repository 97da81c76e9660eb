"""The stories of the demo: real actions, run with past dates."""
