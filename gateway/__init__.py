"""The running service: HTTP, authentication, settings, command line and wiring. Clock and randomness enter here."""
