"""Devices: writes."""
