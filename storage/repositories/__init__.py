"""The repositories, one for each topic.

A method without a docstring does what the Protocol says that its class implements.
"""
