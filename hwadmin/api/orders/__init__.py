"""Calls about hardware orders."""
