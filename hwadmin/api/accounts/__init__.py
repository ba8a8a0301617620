"""Calls about accounts and what belongs to them."""
