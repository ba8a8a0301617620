"""The dashboard: writes."""
