"""Calls about webhooks and the feed of events."""
