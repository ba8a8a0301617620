"""Hardware orders: reads."""
