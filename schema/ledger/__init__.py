"""What proves to a subject that what it is shown is all there is [5.1.6]."""
