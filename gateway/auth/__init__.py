"""Authentication: bearer tokens, the issuer's public keys, and the demo's own issuer."""
