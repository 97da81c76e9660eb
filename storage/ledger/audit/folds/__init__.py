"""Records of state folded from the acts about them, one page for each topic."""
