"""What a viewer may do with a record now: the steps of its role, each tried on the record without changing it."""
