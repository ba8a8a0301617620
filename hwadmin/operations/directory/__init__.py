"""Accounts' HR directories: writes."""
