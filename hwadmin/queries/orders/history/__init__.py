"""What happened to an order, and what it was at any moment."""
