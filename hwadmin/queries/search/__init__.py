"""Search: reads."""
