"""People, platforms, sign-in and tokens: writes."""
