"""Ordering: basket to confirmation: writes."""
