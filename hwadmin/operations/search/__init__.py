"""Search: writes."""
