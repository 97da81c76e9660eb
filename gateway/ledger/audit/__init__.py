"""The audit of everything: with the keys also search terms, masks and sealed values; and once a day beside requests."""
