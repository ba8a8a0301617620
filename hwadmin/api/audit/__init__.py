"""Calls about the audit trail."""
