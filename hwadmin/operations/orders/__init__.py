"""Hardware orders: writes."""
