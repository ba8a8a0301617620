"""Fulfillment: identifiers become devices: reads."""
