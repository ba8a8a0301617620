"""People, platforms, sign-in and tokens: reads."""
