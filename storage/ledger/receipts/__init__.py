"""What receipts are made of: records of one subject, as their rows give them."""
