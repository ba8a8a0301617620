"""The dashboard: rules that need no database."""
