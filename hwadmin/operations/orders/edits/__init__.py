"""Editing a pending order."""
