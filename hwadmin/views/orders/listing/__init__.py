"""The list of orders: what is done from it."""
