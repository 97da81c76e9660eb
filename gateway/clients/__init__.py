"""The clients of the gateway: applications that call it, and what the operator has set for each."""
