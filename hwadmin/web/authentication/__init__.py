"""Who signs in how, by the settings, and when tokens and sessions were used."""
