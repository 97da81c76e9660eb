"""What figures are counted from, and the figures that were published."""
