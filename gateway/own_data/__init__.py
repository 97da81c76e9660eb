"""A copy of one's own data, for the subject or its delegate [5.1.6] [PIPL 45]."""
