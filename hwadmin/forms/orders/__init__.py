"""Hardware orders: forms."""
