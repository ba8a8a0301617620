"""Fulfillment: identifiers become devices: forms."""
