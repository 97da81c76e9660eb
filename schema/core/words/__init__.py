"""What the choices of the schema are called, for users: terms in Chinese, and the codes of refusals."""
