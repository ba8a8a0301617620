"""Catalogs: writes."""
