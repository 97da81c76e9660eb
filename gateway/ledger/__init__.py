"""The ledger in the processes that serve: what runs beside the requests, and the commands of the operator."""
