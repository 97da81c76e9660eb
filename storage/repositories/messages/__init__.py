"""What goes to and comes from other platforms: outbox, notifications, inbound messages, and imported rows."""
