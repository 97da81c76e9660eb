"""What other platforms push to us: cases that the approval-supervision platform has come upon [5.1.3]."""
