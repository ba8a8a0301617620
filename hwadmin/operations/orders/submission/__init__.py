"""Submitting an order, and copying one."""
