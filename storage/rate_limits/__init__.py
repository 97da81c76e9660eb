"""Limits on how often something may be tried, counted in the database and so shared by replicas."""
