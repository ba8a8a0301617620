"""Accounts, their settings and phone lines: pages."""
