"""Devices: forms."""
