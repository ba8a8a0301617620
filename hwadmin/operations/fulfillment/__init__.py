"""Fulfillment: identifiers become devices: writes."""
