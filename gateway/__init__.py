"""The street: HTTP, identity, settings, command line, and the wiring of the house. Clock and randomness enter here."""
