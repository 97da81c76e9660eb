"""The ledger of a running gateway: where its tiles lie, how they are read, and how anybody gets them."""
