"""Yearly figures, and the suppression of small counts [6.1] [6.3]."""
