"""Commands that read or write records: import, export, consultations, notices, figures, and quarantine."""
