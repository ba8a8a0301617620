"""Calls about people, platforms and tokens."""
