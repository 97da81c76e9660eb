"""What a recipient owes when it may no longer use what it received on an authorisation [5.1.6] [PIPL 15] [PIPL 47]."""
