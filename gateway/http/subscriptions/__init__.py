"""Transports of subscriptions: WebSockets, and event streams in both modes."""
