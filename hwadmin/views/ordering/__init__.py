"""Ordering: basket to confirmation: pages."""
