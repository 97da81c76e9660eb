"""The notices of authorisations, as their subjects are shown them [5.1.6] [PIPL 17]."""
