"""Searching: what people type, and what is found by it."""
