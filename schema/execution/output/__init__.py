"""From rows to the response: what each place of a document shows, and the code that writes it."""
