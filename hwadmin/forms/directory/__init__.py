"""Accounts' HR directories: forms."""
