"""Accounts' HR directories: reads."""
