"""Calls about the catalog."""
