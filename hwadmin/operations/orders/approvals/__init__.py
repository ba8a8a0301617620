"""Approval by the manager of an account."""
