"""The courier: carries messages of the outbox to the city platform and to supervisors [5.1.4(5)] [5.2.2]."""
