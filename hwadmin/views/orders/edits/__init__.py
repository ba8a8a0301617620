"""Pages that correct an order and what was recorded of it."""
