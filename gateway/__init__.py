"""The running service: HTTP, authentication, settings, command line, services. Clock and randomness enter here."""
