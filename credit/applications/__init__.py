"""Applications for a government service, and the steps from filing to decision [4]."""
