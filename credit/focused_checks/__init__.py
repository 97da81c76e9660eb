"""Focused checks of restrained subjects by supervising departments [5.2.2]."""
