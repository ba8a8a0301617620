"""Devices: reads."""
