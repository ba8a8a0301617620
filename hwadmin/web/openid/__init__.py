"""Signing in by identity providers over OpenID Connect: what is sent to them, and what is believed."""
