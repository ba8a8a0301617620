"""Accounts' HR directories: pages."""
