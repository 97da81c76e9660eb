"""Authentication: bearer tokens, the keys of the issuer, and the issuer of the demo."""
