"""The ledger: Merkle trees, tiles, checkpoints, proofs. Each module shows its formats byte for byte."""
