"""Orders that wait: which are late, and who is placing them."""
