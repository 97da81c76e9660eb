"""What every topic of the credit rules uses: errors, labels, references, and ports."""
