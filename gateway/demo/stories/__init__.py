"""The stories of the demo: real actions, carried out on past dates."""
