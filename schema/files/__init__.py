"""Files that were uploaded as evidence [5.1.1]."""
