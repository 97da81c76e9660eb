"""Signed notes and what they say: checkpoints, cosignatures, promises, proofs, and the policy that trusts them."""
