"""Catalogs: pages."""
