"""Exports: tables of records as CSV or XLSX, read through the guard and recorded."""
