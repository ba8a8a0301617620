"""Corrections of fulfilled orders and their devices: writes."""
