"""The records of the demo: applications, cases, authorisations, and past reads."""
