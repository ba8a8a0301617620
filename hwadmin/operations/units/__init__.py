"""Units of orders: writes."""
