"""Accounts, their settings and phone lines: reads."""
