"""Messages from and to other platforms: outbox, notifications, inbound messages, and imported rows."""
