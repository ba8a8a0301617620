"""Signing in: sessions, second factors, failed tries, and identity providers."""
