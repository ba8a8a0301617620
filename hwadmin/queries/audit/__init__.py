"""The audit trail: reads."""
