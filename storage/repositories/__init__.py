"""The repositories, one for each topic.

The docstring of a method without one is in the Protocol that its class implements.
"""
