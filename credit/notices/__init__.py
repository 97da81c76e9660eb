"""The written notices of a case: their facts, and issuing them [A]."""
