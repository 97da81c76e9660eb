"""Reads documents: parses, validates and measures each once, within bounds of time and memory."""
