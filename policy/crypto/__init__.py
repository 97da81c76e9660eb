"""Field-level encryption, keys, and masks."""
