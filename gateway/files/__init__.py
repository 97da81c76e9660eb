"""Files as evidence: uploads, their scan, their attachment to records, and their download [5.1.1] [5.1.6]."""
