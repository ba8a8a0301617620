"""Search: pages."""
