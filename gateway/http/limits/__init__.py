"""What bounds requests and connections, before a request is read and while it waits."""
