"""Catalogs: reads."""
