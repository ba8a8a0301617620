"""Calls about devices."""
