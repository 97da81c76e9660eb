"""The repositories, one for each topic."""
