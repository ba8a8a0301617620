"""The audit trail: writes."""
