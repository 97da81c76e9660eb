"""The client of the joint-measures module of the city, with its circuit breaker [4.1]."""
