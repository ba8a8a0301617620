"""Accounts, their settings and phone lines: forms."""
