"""Mail and webhooks on their way out: pages."""
