"""The dashboard: reads."""
