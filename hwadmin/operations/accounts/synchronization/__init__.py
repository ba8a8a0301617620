"""Keeping accounts, locations and employees in step with another system, by its own keys."""
