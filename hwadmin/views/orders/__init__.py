"""Hardware orders: pages."""
