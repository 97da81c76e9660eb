"""Deferred documents and commitments: what an applicant promised, and by when [4.2.2] [4.2.3]."""
