"""Uploaded files and their attachments."""
