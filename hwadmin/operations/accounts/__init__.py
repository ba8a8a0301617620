"""Accounts, their settings and phone lines: writes."""
