"""Jobs that run beside the requests of a server, and the lease by which one of several processes does one."""
