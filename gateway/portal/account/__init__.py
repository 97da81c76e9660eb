"""The pages of an account: the role that it acts in, its logins, logging out."""
