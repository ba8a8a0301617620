"""Catalogs: forms."""
