"""Fulfillment: identifiers become devices: pages."""
