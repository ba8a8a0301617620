"""The dashboard: pages."""
