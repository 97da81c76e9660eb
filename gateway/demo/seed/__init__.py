"""Seeds the demo: sealed, masked and indexed rows, the same for each seed."""
