"""The running service: HTTP, authentication, settings, command line and the services. Clock and randomness enter here."""
