"""The dashboard: what is stored of its figures."""
