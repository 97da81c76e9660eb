"""What the city's joint rewards-and-penalties module and our own list answer about a subject [4.1] [3.3]."""
