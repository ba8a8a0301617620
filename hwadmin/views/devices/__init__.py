"""Devices: pages."""
