"""People, platforms, sign-in and tokens: pages."""
