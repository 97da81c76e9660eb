"""The credit check before an incentive, from two sources [4.1] [3.3]."""
