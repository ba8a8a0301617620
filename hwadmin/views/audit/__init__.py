"""The audit trail: pages."""
