"""The access log as each subject reads it, over the rows of one subject and over those of a whole page [5.1.6]."""
