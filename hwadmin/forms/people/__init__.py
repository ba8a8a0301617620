"""People, platforms, sign-in and tokens: forms."""
