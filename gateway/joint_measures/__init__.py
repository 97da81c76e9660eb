"""The client of the city's joint-measures module, with its circuit breaker [4.1]."""
