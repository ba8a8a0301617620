"""Units of orders: reads."""
