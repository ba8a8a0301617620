"""Ordering: basket to confirmation: forms."""
