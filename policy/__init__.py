"""The guard: who may do what, for which purpose and in what form; and the only hand that opens a sealed value."""
