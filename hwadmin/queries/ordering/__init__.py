"""Ordering: basket to confirmation: reads."""
